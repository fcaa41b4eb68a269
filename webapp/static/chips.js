// Fields that take several values, separated by commas, as one chip a value and a field for the next one.
// The field itself stays in the form and holds all of them, so that the server reads what it always reads.

const valuesOf = (text) => text.split(",").map((value) => value.trim()).filter(Boolean);

const chip = (value, remove, words) => {
  const made = document.createElement("span");
  made.className = "chip";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "×";
  button.setAttribute("aria-label", `${words} ${value}`);
  button.addEventListener("click", () => remove(value));
  made.append(value, button);
  return made;
};

const enhance = (field, words) => {
  const box = document.createElement("div");
  box.className = "chips";
  const entry = field.cloneNode();
  // The entry is what people see and labels name; the field keeps its name for the form.
  entry.removeAttribute("name");
  entry.value = "";
  entry.setAttribute("data-entry", "");
  field.removeAttribute("id");
  field.type = "hidden";
  for (const name of ["autofocus", "list", "data-completes", "data-lists"]) field.removeAttribute(name);

  let values = valuesOf(field.value);
  const changed = (next) => {
    values = [...new Set(next)];
    const text = values.join(", ");
    draw();
    field.value = text;
    entry.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const remove = (value) => {
    changed(values.filter((each) => each !== value));
    entry.focus();
  };
  const draw = () => {
    for (const each of box.querySelectorAll(".chip")) each.remove();
    box.prepend(...values.map((value) => chip(value, remove, words)));
  };
  const take = () => {
    const more = valuesOf(entry.value);
    entry.value = "";
    if (more.length) changed([...values, ...more]);
  };

  entry.addEventListener("input", (event) => {
    // A comma ends a value, and so does choosing one that is offered.
    if (entry.value.includes(",") || event.inputType === "insertReplacementText") take();
    // What is being typed counts already.
    else field.value = [...values, ...valuesOf(entry.value)].join(", ");
  });
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && entry.value.trim()) {
      event.preventDefault();
      take();
    } else if (event.key === "Backspace" && !entry.value && values.length) {
      event.preventDefault();
      const last = values.at(-1);
      changed(values.slice(0, -1));
      entry.value = last; // to be corrected
      field.value = [...values, last].join(", ");
      entry.select();
    }
  });
  entry.addEventListener("focusout", take);
  field.before(box);
  box.append(entry, field);
  draw();
};

/** Show chips in the fields within an element that take lists. */
export const chips = (within, words) => {
  for (const field of within.querySelectorAll("input[data-lists]:not([data-entry])")) enhance(field, words);
};
