// What the fields of a fillable sheet show; stands in the file itself, behind scoring.js and `sheet`.
// Old JavaScript, as in scoring.js; `doc` is the document of the viewer.
// sheet: what `Form.script` of handbook/render/forms.py puts in.
function sheetAnswers(doc) {
  var answers = {};
  for (var i = 0; i < sheet.items.length; i++) {
    var field = doc.getField(sheet.items[i]);
    var value = field === null ? "" : String(field.value);  // viewers make numbers of "3"
    if (value !== "" && value !== "Off") answers[sheet.items[i]] = value;
  }
  return answers;
}
function sheetPoints(doc, item) {
  var answers = sheetAnswers(doc);
  return item in answers ? sheet.definition.key[item][answers[item]] : "";
}
// section: an id, or null for the whole; what: "points", "answered", "percent" or "band"
function sheetResult(doc, section, what) {
  var scores = scoreAnswers(sheet.definition, sheetAnswers(doc));
  var score = section === null ? scores.total : scores.sections[section];
  if (what === "answered") return score.answered;
  if (what === "band" && score.points === null) return sheet.missing;
  if (what === "band" && score.band === null) return sheet.unscored;
  if (score.points === null) return "";
  if (what === "percent") return sheet.percent.replace("100", score.percent);
  return what === "band" ? sheet.bands[score.band] : score.points;
}
