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

// Calculators: the formulas stand in the page, made from the same source as the printed example.
for (const box of document.querySelectorAll("[data-calculator]")) {
  const formulas = (window.calculators || {})[box.dataset.calculator];
  if (!formulas) continue;
  const language = box.dataset.locale;
  const currency = box.dataset.currency;
  const show = (value, unit) => {
    if (unit === "yes-no") return value ? box.dataset.yes : box.dataset.no;
    if (!Number.isFinite(value)) return "–";
    const options = unit === "money"
      ? { style: "currency", currency, minimumFractionDigits: Number.isInteger(value) ? 0 : 2, maximumFractionDigits: 2 }
      : unit === "percent" ? { style: "percent", maximumFractionDigits: 1 } : { maximumFractionDigits: 2 };
    return new Intl.NumberFormat(language, options).format(value).replace("-", "\u2212");
  };
  const inputs = [...box.querySelectorAll("[data-input]")].map((cell) => {
    const field = document.createElement("input");
    const factor = cell.dataset.unit === "percent" ? 100 : 1;
    field.type = "number";
    field.step = "any";
    field.value = Number((cell.dataset.default * factor).toPrecision(12));
    field.setAttribute("aria-label", cell.parentElement.querySelector("th").firstChild.textContent.trim());
    cell.append(field);
    return { id: cell.dataset.input, read: () => Number(field.value) / factor, field };
  });
  const compute = () => {
    const values = Object.fromEntries(inputs.map(({ id, read }) => [id, read()]));
    for (const cell of box.querySelectorAll("[data-output]")) {
      values[cell.dataset.output] = formulas[cell.dataset.output](values);
      cell.textContent = show(values[cell.dataset.output], cell.dataset.unit);
    }
  };
  inputs.forEach(({ field }) => field.addEventListener("input", compute));
  compute();
}
