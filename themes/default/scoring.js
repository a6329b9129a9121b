// What answers score, as handbook/model/scoring.py has it; tests hold the two against each other.
// Old JavaScript on purpose: viewers of fillable PDFs run it too.
// definition: what `definition` in scoring.py returns; answers: item -> option.
// Returns {total, sections, unscored}; a score is {points, answered, items, percent, band}.
function scoreAnswers(definition, answers) {
  var has = Object.prototype.hasOwnProperty;
  function rounded(numerator, denominator) {
    return Math.floor((2 * numerator + denominator) / (2 * denominator));
  }
  function bandOf(result) {
    var band = null;
    for (var i = 0; i < definition.cuts.length; i++) {
      if (result >= definition.cuts[i][1]) band = definition.cuts[i][0];
    }
    return band;
  }
  function scoreOf(items, prorate, banded) {
    var sum = 0, highest = 0, answered = 0;
    for (var i = 0; i < items.length; i++) {
      var points = definition.key[items[i]], best = -Infinity;
      for (var option in points) best = Math.max(best, points[option]);
      highest += best;
      if (has.call(answers, items[i])) {  // an item may be called "constructor"
        sum += points[answers[items[i]]];
        answered++;
      }
    }
    var score = { points: null, answered: answered, items: items.length, percent: null, band: null };
    if (!answered || items.length - answered > prorate) return score;
    score.points = rounded(sum * items.length, answered);
    score.percent = highest > 0 ? rounded(100 * score.points, highest) : 0;
    if (banded) score.band = bandOf(definition.percent ? score.percent : score.points);
    return score;
  }
  var all = [], empty = 0;
  for (var item in definition.key) all.push(item);
  for (var answered in answers) {
    if (definition.unscored && answers[answered] === definition.unscored[0]) empty++;
  }
  var unscored = !!definition.unscored && empty >= definition.unscored[1];
  var sections = {};
  for (var section in definition.sections) {
    sections[section] = scoreOf(definition.sections[section], 0, definition.percent && !unscored);
  }
  return { total: scoreOf(all, definition.prorate, !unscored), sections: sections, unscored: unscored };
}
