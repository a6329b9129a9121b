// Comfort only: every page works without this file.
"use strict";

// The contents stand open where there is room beside the text.
const nav = document.getElementById("nav_");
const wide = window.matchMedia("(min-width: 62rem)");
if (nav) {
  const fit = () => { nav.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
}

// One choice open at a time; Escape closes it.
const choices = [...document.querySelectorAll(".choice")];
for (const choice of choices) {
  choice.addEventListener("toggle", () => {
    if (choice.open) choices.filter((other) => other !== choice).forEach((other) => { other.open = false; });
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = choices.find((choice) => choice.open);
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});
