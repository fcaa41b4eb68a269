// Looks while one types: the server's answer to the same form takes the place of what is shown.

const PAUSE = 150; // milliseconds without a key before the server is asked

for (const form of document.querySelectorAll("form[data-finds]")) {
  const places = form.dataset.finds.split(" ").map((id) => document.getElementById(id));
  let timer;
  let asked;

  const look = async () => {
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const place of places) place.replaceChildren(...page.getElementById(place.id).childNodes);
      history.replaceState(null, "", address);
    } catch (problem) {
      if (problem.name !== "AbortError") form.requestSubmit(); // without us it works as well
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
}
