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
const aggregates = {
  total: (column) => column.reduce((sum, value) => sum + value, 0),
  count: (column) => column.length,
  mean: (column) => aggregates.total(column) / column.length,
  best: (column) => column.indexOf(Math.max(...column)),
};

const field = (cell, value, label, type = "number") => {
  const input = document.createElement("input");
  input.type = type;
  if (type === "number") input.step = "any";
  input.value = value;
  input.setAttribute("aria-label", label);
  cell.append(input);
  return input;
};

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
    const factor = cell.dataset.unit === "percent" ? 100 : 1;
    const label = cell.parentElement.querySelector("th").firstChild.textContent.trim();
    const input = field(cell, Number((cell.dataset.default * factor).toPrecision(12)), label);
    return { id: cell.dataset.input, read: () => Number(input.value) / factor };
  });
  const rows = [...box.querySelectorAll("[data-row]")].map((line, index) => {
    const head = line.querySelector("th");
    const heads = [...line.closest("table").querySelectorAll("thead th")];
    const title = field(head, head.dataset.title, `${heads[0].textContent} ${index + 1}`, "text");
    const cells = [...line.querySelectorAll("[data-column]")].map((cell) => ({
      id: cell.dataset.column,
      optional: "optional" in cell.dataset,
      input: field(cell, cell.dataset.default && Number(cell.dataset.default), `${heads[cell.cellIndex].textContent}, ${index + 1}`),
    }));
    const results = [...line.querySelectorAll("[data-result]")];
    return { name: () => title.value || String(index + 1), cells, results };
  });
  const filled = ({ cells }) => cells.every(({ optional, input }) => optional || input.value !== "")
    && cells.some(({ input }) => input.value !== "");
  const compute = () => {
    const values = Object.fromEntries(inputs.map(({ id, read }) => [id, read()]));
    const counted = [];
    for (const row of rows) {
      const line = { ...values, ...Object.fromEntries(row.cells.map(({ id, input }) => [id, Number(input.value)])) };
      const complete = filled(row);
      for (const cell of row.results) {
        line[cell.dataset.result] = formulas.results[cell.dataset.result](line);
        cell.textContent = complete ? show(line[cell.dataset.result], cell.dataset.unit) : "";
      }
      if (complete) counted.push({ row, line });
    }
    if (rows.length) {
      for (const id of [...rows[0].cells.map((cell) => cell.id), ...Object.keys(formulas.results)]) {
        values[id] = counted.map(({ line }) => line[id]);
      }
    }
    for (const cell of box.querySelectorAll("[data-output]")) {
      const value = formulas.outputs[cell.dataset.output](values, aggregates);
      values[cell.dataset.output] = value;
      const chosen = cell.dataset.unit === "row" && counted[value];
      cell.textContent = chosen ? chosen.row.name() : show(cell.dataset.unit === "row" ? NaN : value, cell.dataset.unit);
    }
  };
  box.addEventListener("input", compute);
  compute();
}
