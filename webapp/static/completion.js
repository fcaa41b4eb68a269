// Names that fields may be completed with, as the browser's own list below the field.

const PAUSE = 120; // milliseconds without a key before names are asked for

let made = 0;

const listOf = (field) => {
  if (!field.list) {
    const list = document.createElement("datalist");
    list.id = `names-${(made += 1)}`;
    field.after(list);
    field.setAttribute("list", list.id);
  }
  return field.list;
};

// Of several names, separated by commas, the last one is completed.
const parts = (text) => {
  const [, before, beginning] = /^(.*,\s*)?(.*)$/s.exec(text);
  return [before ?? "", beginning];
};

const offer = async (field, where) => {
  const [before, beginning] = parts(field.value);
  const answer = await fetch(`${where}${field.dataset.completes}?${new URLSearchParams({ q: beginning })}`);
  if (!answer.ok || parts(field.value)[1] !== beginning) return; // more was typed meanwhile
  const { names } = await answer.json();
  listOf(field).replaceChildren(
    ...names
      .filter((name) => name !== beginning)
      .map((name) => Object.assign(document.createElement("option"), { value: before + name })),
  );
};

/** Complete the fields of a form that say by what. */
export const completes = (form) => {
  let timer;
  for (const kind of ["input", "focusin"]) {
    form.addEventListener(kind, (event) => {
      if (!event.target.dataset.completes) return;
      clearTimeout(timer);
      timer = setTimeout(() => offer(event.target, form.dataset.completions).catch(() => {}), PAUSE);
    });
  }
};
