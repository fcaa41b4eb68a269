// This browser's subscription at its push service, for the pages that enable notifications in it. An element gives
// FMN's public key, the service worker, the browser's name, and words.

export const able = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

export async function registered(element) {
  await navigator.serviceWorker.register(element.dataset.worker);
  return navigator.serviceWorker.ready;
}

const bytes = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
};

const isFor = (subscription, key) => {
  const known = subscription?.options?.applicationServerKey;
  return Boolean(known) && new Uint8Array(known).toString() === bytes(key).toString();
};

// A new subscription as FMN reads it. One that is there is replaced, or kept if ``keep`` and it's for FMN's key.
export async function subscribe(registration, { dataset }, { keep = false } = {}) {
  let made = await registration.pushManager.getSubscription();
  if (!keep || !isFor(made, dataset.key)) {
    await made?.unsubscribe();
    made = await registration.pushManager.subscribe({
      userVisibleOnly: true, applicationServerKey: bytes(dataset.key) });
  }
  const { endpoint, keys } = made.toJSON();
  return JSON.stringify({ endpoint, keys, browser: dataset.browser });
}

const text = (key) => btoa(String.fromCharCode(...new Uint8Array(key)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// For the service worker, which tells FMN when the browser renews its subscription: see renew() there. The key may be
// one that FMN had before.
export async function remember({ endpoint, options }, { dataset }) {
  const known = await caches.open("fmn-subscription");
  const key = options?.applicationServerKey;
  const kept = JSON.stringify({ endpoint, key: key ? text(key) : dataset.key });
  await known.put(new URL(".", new URL(dataset.worker, location.href)), new Response(kept));
}
