// Run the scripts of a fillable sheet as a viewer does, for many answer sheets.
// stdin: {script, fields: {name: script}, sheets: [{item: option}]}; stdout: [{name: value}].
import { readFileSync } from "node:fs";
import vm from "node:vm";

const { script, fields, sheets } = JSON.parse(readFileSync(0, "utf8"));
let chosen = {};
globalThis.getField = (name) => ({ value: chosen[name] ?? "Off" });
vm.runInThisContext(script);
const compiled = Object.entries(fields).map(([name, text]) => [name, new vm.Script(text)]);
const shown = sheets.map((answers) => {
  chosen = answers;
  return Object.fromEntries(compiled.map(([name, one]) => {
    globalThis.event = { value: null };
    one.runInThisContext();
    return [name, String(globalThis.event.value)];
  }));
});
process.stdout.write(JSON.stringify(shown));
