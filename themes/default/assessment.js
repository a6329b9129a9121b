// A test that scores itself: makes questions of the statements of its page, and a result of the
// answers. The words stand in the page, the arithmetic in scoring.js. Nothing leaves the device.
"use strict";

{
  const definition = JSON.parse(document.getElementById("definition_").textContent);
  const words = document.getElementById("scoring_");
  const test = document.querySelector(".test");
  const { locale, code, storage } = words.dataset;
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: "percent" });
  const number = (value) => value === null ? "–" : numbers.format(value);
  const percent = (value) => value === null ? "–" : percents.format(value / 100);
  const part = (selector) => words.content.querySelector(selector).cloneNode(true);
  const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // -- questions ---------------------------------------------------------------------------

  const shared = test.querySelector(":scope > .scale");
  const questions = [...test.querySelectorAll(".assessment > li")].map((item, index) => {
    const stem = item.querySelector(".stem");
    const own = [...item.querySelectorAll("[data-option]")];
    const options = own.length ? own : [...shared.querySelectorAll("[data-option]")];
    const label = stem.querySelector(".number") || make("b", { className: "number" }, String(index + 1));
    const choices = options.map((option) => {
      const input = make("input", { type: "radio", name: item.id, value: option.dataset.option, autocomplete: "off" });
      const text = make("span", {}, ...option.cloneNode(true).childNodes);
      return { input, text, line: make("label", {}, input, text) };
    });
    label.remove();
    const legend = make("legend", { className: "stem" }, label, " ", ...stem.childNodes);
    const layout = item.querySelector(".options") ? "options" : "options brief";
    item.replaceChildren(make("fieldset", {}, legend, make("div", { className: layout }, ...choices.map(({ line }) => line))));
    return { id: item.id, item, legend, number: label.textContent, choices, chosen: () => choices.find(({ input }) => input.checked) };
  });
  if (shared) shared.remove();
  document.querySelector(".key-hint").remove();

  const answers = () => Object.fromEntries(questions.flatMap((question) => {
    const choice = question.chosen();
    return choice ? [[question.id, choice.input.value]] : [];
  }));

  // -- what stands around them -------------------------------------------------------------

  const progress = part(".progress");
  const status = part("[role=status]");
  test.prepend(part(".intro"), progress, status);
  test.append(part(".actions"));
  test.classList.add("live");

  let said = 0;
  const count = () => {
    const answered = Object.keys(answers()).length;
    const text = progress.querySelector("span");
    text.textContent = fill(text.dataset.text, { answered: number(answered), items: number(questions.length) });
    Object.assign(progress.querySelector("progress"), { max: questions.length, value: answered });
    // Every fifth answer is said aloud, and the last: enough to know where one is.
    if (answered !== said && (answered % 5 === 0 || answered === questions.length)) status.textContent = text.textContent;
    said = answered;
  };

  // -- result ------------------------------------------------------------------------------

  let result = null;
  const slot = (element, name, text) => {
    const place = element.querySelector(`[data-slot=${name}]`);
    if (place) place.textContent = text;
  };

  const jump = ({ number, legend, choices }, text) => {
    const link = make("a", { href: `#${choices[0].input.name}` }, number);
    link.setAttribute("aria-label", `${fill(text, { number })} ${legend.textContent.slice(number.length).trim()}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choices[0].input.focus();
    });
    return make("li", {}, link);
  };

  const place = (line, total) => {
    const spans = [...line.querySelectorAll("span")];
    const [lowest, highest] = [Number(spans[0].dataset.from), Number(spans.at(-1).dataset.to)];
    for (const span of spans) {
      span.style.flexGrow = Number(span.dataset.to) - Number(span.dataset.from) + 1;
      span.classList.toggle("mine", span.dataset.band === total.band);
    }
    const reached = definition.percent ? total.percent : total.points;
    line.querySelector("i").style.left = `${100 * (reached - lowest + 0.5) / (highest - lowest + 1)}%`;
  };

  const titleOf = (band) => band ? words.content.querySelector(`.band[data-band="${band}"] h3`).textContent : "";

  const tabulate = (table, sections) => {
    const rows = [...table.querySelectorAll("[data-section]")];
    const share = (row) => sections[row.dataset.section].percent;
    if (definition.percent) rows.sort((one, other) => (share(one) ?? 101) - (share(other) ?? 101));
    // The two lowest, with all that are as low; none where all are alike.
    const shares = rows.map(share);
    const begin = (value) => value !== null && value <= shares[1] && value < Math.max(...shares);
    for (const row of rows) {
      const { points, percent: value, band } = sections[row.dataset.section];
      slot(row, "points", number(points));
      slot(row, "percent", percent(value));
      slot(row, "band", titleOf(band));
      row.querySelector(".bar i").style.width = `${value ?? 0}%`;
      if (!begin(value)) row.querySelector(".begin")?.remove();
    }
    table.tBodies[0].append(...rows);
  };

  const show = () => {
    const scores = scoreAnswers(definition, answers());
    const missing = questions.filter(({ id, chosen }) => id in definition.key && !chosen());
    const fresh = part(".result");
    const present = {
      missing: missing.length > 0,
      lacking: scores.total.points === null,
      prorated: missing.length > 0 && scores.total.points !== null,
      total: scores.total.points !== null,
      band: scores.total.band !== null,
      unscored: scores.unscored,
      sections: Object.values(scores.sections).some(({ points }) => points !== null),
    };
    for (const element of fresh.querySelectorAll("[data-if]")) {
      if (!present[element.dataset.if]) element.remove();
    }
    for (const band of fresh.querySelectorAll(".band")) {
      if (band.dataset.band !== scores.total.band) band.remove();
    }
    const jumps = fresh.querySelector(".jumps");
    if (jumps) jumps.append(...missing.map((question) => jump(question, jumps.dataset.text)));
    slot(fresh, "points", number(scores.total.points));
    slot(fresh, "percent", percent(scores.total.percent));
    slot(fresh, "date", new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date()));
    const line = fresh.querySelector(".number-line");
    if (line) place(line, scores.total);
    const table = fresh.querySelector(".sections");
    if (table) tabulate(table, scores.sections);
    if (result) result.remove();
    result = fresh;
    test.after(result);
    return scores;
  };

  const announce = () => {
    const heard = result.querySelectorAll(".missing, .total, [data-if=unscored], .band h3");
    status.textContent = [...heard].map((element) => element.textContent).join(" ");
    result.querySelector("h2").focus();
    result.scrollIntoView({ block: "start" });
  };

  // -- keep, save, print, clear ------------------------------------------------------------

  const keep = test.querySelector(".keep input");
  const store = () => {
    try {
      if (keep.checked) localStorage.setItem(storage, JSON.stringify(answers()));
      else localStorage.removeItem(storage);
    } catch { keep.checked = false; }  // what cannot be kept is not promised
  };

  const restore = () => {
    try {
      const earlier = storage.slice(0, storage.lastIndexOf("@") + 1);
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(earlier) && name !== storage) localStorage.removeItem(name);
      }
      const kept = JSON.parse(localStorage.getItem(storage));
      if (!kept) return;
      keep.checked = true;
      for (const { id, choices } of questions) {
        for (const { input } of choices) input.checked = input.value === kept[id];
      }
    } catch { /* nothing was kept that can be read */ }
  };

  const clear = () => {
    for (const { choices } of questions) for (const { input } of choices) input.checked = false;
    keep.checked = false;
    store();
    if (result) result.remove();
    result = null;
    status.textContent = "";
    said = 0;
    count();
  };

  const STYLE = "body{font-family:sans-serif;line-height:1.5;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    + "table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold}"
    + "th,td{border:1px solid #777;padding:.3rem .5rem;text-align:left}.figure{text-align:right}small{display:block}"
    + ".bar,.bar i{display:block;height:.5rem;border:1px solid #333}.bar i{border:0;background:#333}.bar{margin-top:.2rem}"
    + ".unseen{position:absolute;clip-path:inset(50%)}.number-line{display:none}.jumps{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.6rem}"
    + "dt{font-weight:bold}dd{margin:0 0 .5rem}";

  const save = () => {
    const copy = result.cloneNode(true);
    copy.querySelector(".actions").remove();
    for (const link of copy.querySelectorAll("a")) link.replaceWith(...link.childNodes);
    const given = make("dl", {}, ...questions.map(({ legend, chosen }) => make("div", {},
      make("dt", {}, legend.textContent), make("dd", {}, chosen() ? chosen().text.textContent : "–"))));
    const page = document.implementation.createHTMLDocument(document.querySelector("h1").textContent);
    page.documentElement.lang = document.documentElement.lang;
    page.head.prepend(make("meta", {}));
    page.head.firstChild.setAttribute("charset", "utf-8");
    page.head.append(make("style", {}, STYLE));
    page.body.append(make("h1", {}, page.title), copy, document.querySelector(".notice-box").cloneNode(true), given);
    const file = new Blob([`<!doctype html>\n${page.documentElement.outerHTML}\n`], { type: "text/html" });
    const link = make("a", { href: URL.createObjectURL(file), download: `${code}.html` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  const print = () => {
    const { classList } = document.documentElement;
    classList.add("only-result");
    window.addEventListener("afterprint", () => classList.remove("only-result"), { once: true });
    window.print();
  };

  const actions = {
    show: () => { show(); announce(); },
    clear: () => { clear(); questions[0].choices[0].input.focus(); },
    print,
    save,
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]();
  });
  test.addEventListener("change", () => {
    store();
    count();
    if (result) show();
  });
  // Whoever comes back to a page that was left finds it empty, as the page has promised.
  window.addEventListener("pageshow", (event) => { if (event.persisted && !keep.checked) clear(); });
  restore();
  count();
}
