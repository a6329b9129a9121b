// Calculators: the formulas stand in the page, made from the same source as the printed example.
"use strict";

const aggregates = {
  total: (column) => column.reduce((sum, value) => sum + value, 0),
  count: (column) => column.length,
  mean: (column) => aggregates.total(column) / column.length,
  best: (column) => column.indexOf(Math.max(...column)),
};

for (const box of document.querySelectorAll("[data-calculator]")) {
  const formulas = (window.calculators || {})[box.dataset.calculator];
  if (!formulas) continue;
  const { locale, currency } = box.dataset;
  const show = (value, unit) => {
    if (unit === "yes-no") return value ? box.dataset.yes : box.dataset.no;
    if (!Number.isFinite(value)) return "–";
    const options = unit === "money"
      ? { style: "currency", currency, minimumFractionDigits: Number.isInteger(value) ? 0 : 2, maximumFractionDigits: 2 }
      : unit === "percent" ? { style: "percent", maximumFractionDigits: 1 } : { maximumFractionDigits: 2 };
    return new Intl.NumberFormat(locale, options).format(value).replace("-", "\u2212");
  };

  // -- fields --------------------------------------------------------------------------------

  const field = (cell, value, label, type) => {
    const input = document.createElement("input");
    input.type = type;
    input.autocomplete = "off";
    input.defaultValue = value;  // what the button below returns to
    input.setAttribute("aria-label", label);
    cell.append(input);
    return input;
  };
  const scaled = (text, factor) => Number((text * factor).toPrecision(12));
  const figure = (cell, label) => {
    const { default: value, minimum, maximum, whole, unit, limits } = cell.dataset;
    const factor = unit === "percent" ? 100 : 1;
    const input = field(cell, value && scaled(value, factor), label, "number");
    input.min = scaled(minimum, factor);
    if (maximum) input.max = scaled(maximum, factor);
    input.step = whole === undefined ? "any" : 1;
    return { input, label, limits, read: () => Number(input.value) / factor };
  };
  let places = 0;
  const messages = (tag, append) => {
    const place = document.createElement(tag);
    place.className = "error";
    place.id = `${box.dataset.calculator}-error-${places++}_`;
    place.setAttribute("role", "status");
    append(place);
    return place;
  };
  // Says of the first field that holds what it may not what would be right; true if all are well.
  const check = (figures, place) => {
    let wrong = null;
    for (const { input, label, limits } of figures) {
      const fits = input.validity.valid;
      input.setAttribute("aria-invalid", !fits);
      if (fits) input.removeAttribute("aria-describedby");
      else input.setAttribute("aria-describedby", place.id);
      if (!fits && !wrong) wrong = `${label} · ${limits}`;
    }
    if (place.textContent !== (wrong || "")) place.textContent = wrong || "";
    return !wrong;
  };

  const inputs = [...box.querySelectorAll("[data-input]")].map((cell) => {
    const head = cell.parentElement.querySelector("th");
    const own = figure(cell, head.firstChild.textContent.trim());
    own.input.required = true;
    return { id: cell.dataset.input, ...own, place: messages("small", (place) => head.append(place)) };
  });
  const rows = [...box.querySelectorAll("[data-row]")].map((line, index) => {
    const head = line.querySelector("th");
    const heads = [...line.closest("table").querySelectorAll("thead th")];
    const title = field(head, head.dataset.title, `${heads[0].textContent} ${index + 1}`, "text");
    const cells = [...line.querySelectorAll("[data-column]")].map((cell) => ({
      id: cell.dataset.column,
      optional: "optional" in cell.dataset,
      ...figure(cell, `${heads[cell.cellIndex].textContent}, ${index + 1}`),
    }));
    const results = [...line.querySelectorAll("[data-result]")];
    return { name: () => title.value || String(index + 1), cells, results };
  });
  const grid = box.querySelector(".own-grid");
  const place = grid && messages("p", (place) => grid.parentElement.after(place));

  // -- results -------------------------------------------------------------------------------

  const filled = ({ cells }) => cells.every(({ optional, input }) => input.validity.valid && (optional || input.value !== ""))
    && cells.some(({ input }) => input.value !== "");
  const compute = () => {
    const sound = inputs.map((input) => check([input], input.place)).every(Boolean);
    if (grid) check(rows.flatMap(({ cells }) => cells), place);
    const values = Object.fromEntries(inputs.map(({ id, read }) => [id, read()]));
    const counted = [];
    for (const row of rows) {
      const line = { ...values, ...Object.fromEntries(row.cells.map(({ id, read }) => [id, read()])) };
      const complete = sound && filled(row);
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
      if (!sound) cell.textContent = "–";
      else cell.textContent = chosen ? chosen.row.name() : show(cell.dataset.unit === "row" ? NaN : value, cell.dataset.unit);
    }
  };

  const reset = document.createElement("button");
  Object.assign(reset, { type: "button", className: "button quiet", textContent: box.dataset.reset });
  reset.addEventListener("click", () => {
    for (const input of box.querySelectorAll("input")) input.value = input.defaultValue;
    compute();
  });
  box.append(reset);
  box.addEventListener("input", compute);
  compute();
}
