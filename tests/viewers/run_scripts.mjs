// Run the scripts of a fillable sheet as a viewer does, for many answer sheets.
// stdin: {script, fields: {name: script}, sheets: [{item: option}]}; stdout: [{name: value}].
import { readFileSync } from "node:fs";
import vm from "node:vm";

const { script, fields, sheets } = JSON.parse(readFileSync(0, "utf8"));
const sandbox = { event: {}, getField: (name) => ({ value: sandbox.chosen[name] ?? "Off" }) };
vm.createContext(sandbox);
vm.runInContext(script, sandbox);
const compiled = Object.entries(fields).map(([name, text]) => [name, new vm.Script(text)]);
const shown = sheets.map((chosen) => {
  sandbox.chosen = chosen;
  return Object.fromEntries(compiled.map(([name, one]) => {
    sandbox.event = { value: null };
    one.runInContext(sandbox);
    return [name, String(sandbox.event.value)];
  }));
});
process.stdout.write(JSON.stringify(shown));
