// What the fields of a fillable sheet show; in the file it stands behind scoring.js and `sheet`.
// Old JavaScript, as in scoring.js. doc: the document, as viewers hand it to scripts of fields.
// sheet: {definition, items, bands, percent, missing, unscored}, from handbook/render/forms.py.
function sheetAnswer(doc, item) {
  var field = doc.getField(item);
  var option = field ? String(field.value) : "";  // viewers make numbers of what looks like one
  return option === "Off" ? "" : option;
}
function sheetAnswers(doc) {
  var answers = {};
  for (var i = 0; i < sheet.items.length; i++) {
    var option = sheetAnswer(doc, sheet.items[i]);
    if (option !== "") answers[sheet.items[i]] = option;
  }
  return answers;
}
function sheetPoints(doc, item) {
  var option = sheetAnswer(doc, item);
  return option === "" ? "" : sheet.definition.key[item][option];
}
// section: its id; null for the total. what: "points", "answered", "percent" or "band" (its title)
function sheetResult(doc, section, what) {
  var scores = scoreAnswers(sheet.definition, sheetAnswers(doc));
  var score = section === null ? scores.total : scores.sections[section];
  if (what === "answered") return score.answered;
  if (what === "band" && score.points === null) return sheet.missing;
  if (what === "band") return score.band === null ? sheet.unscored : sheet.bands[score.band];
  if (score.points === null) return "";
  return what === "percent" ? sheet.percent.replace("100", score.percent) : score.points;
}
function sheetMark(doc, band) {
  return scoreAnswers(sheet.definition, sheetAnswers(doc)).total.band === band ? "X" : "";
}
// option: null for all of them. what: "answered", or "points" for what they make together
function sheetCount(doc, option, what) {
  var answers = sheetAnswers(doc), sum = 0;
  for (var item in answers) {
    if (option === null || answers[item] === option) {
      sum += what === "points" ? sheet.definition.key[item][answers[item]] : 1;
    }
  }
  return sum;
}
