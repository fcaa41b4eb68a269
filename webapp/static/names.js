// Completes the names of packages, people, groups and applications in a form.

import { completes } from "./completion.js";

for (const form of document.querySelectorAll("form[data-completions]")) completes(form);
