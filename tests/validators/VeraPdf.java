import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.verapdf.core.VeraPDFException;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.RuleId;

/**
 * Validates many PDFs in one process: {@code java VeraPdf FLAVOUR FILE...}, one line of JSON each.
 *
 * <p>Exit status: 0 all files comply, 1 a file does not, 2 a file is unreadable or the flavour is
 * unknown, 3 the profiles do not load (JAXB is not on the class path).
 */
public final class VeraPdf {
    /** Failed checks kept of each rule: the first; {@code getFailedChecks} counts them all. */
    private static final int KEPT_PER_RULE = 1;

    record Failure(String clause, int test, int count, String message, String context) {}

    record Report(
            String path, boolean compliant, int assertions, List<Failure> failures, String error) {}

    public static void main(String[] args) throws IOException {
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = flavour(args.length > 0 ? args[0] : "");
        ObjectMapper json = new ObjectMapper();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int status = 0;
        for (String path : Arrays.asList(args).subList(1, args.length)) {
            Report report = validate(path, flavour);
            out.println(json.writeValueAsString(report));
            status = Math.max(status, report.error() != null ? 2 : report.compliant() ? 0 : 1);
        }
        System.exit(status);
    }

    /** The flavour with this very id; {@code PDFAFlavour.fromString} would read "wt1a" as "1a". */
    private static PDFAFlavour flavour(String id) {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(id);
        if (flavour == PDFAFlavour.NO_FLAVOUR) {
            fail(2, "unknown flavour: " + id);
        }
        if (!Profiles.getVeraProfileDirectory().getPDFAFlavours().contains(flavour)) {
            fail(3, "no profile for " + id + ": is JAXB on the class path?");
        }
        return flavour;
    }

    private static void fail(int status, String message) {
        System.err.println(message);
        System.exit(status);
    }

    private static Report validate(String path, PDFAFlavour flavour) {
        var foundry = Foundries.defaultInstance();
        try (var parser = foundry.createParser(new File(path), flavour);
                var validator = foundry.createValidator(flavour, KEPT_PER_RULE, false, true, false)) {
            ValidationResult result = validator.validate(parser);
            return new Report(
                    path, result.isCompliant(), result.getTotalAssertions(), failures(result), null);
        } catch (VeraPDFException | IOException | RuntimeException error) {
            return new Report(path, false, 0, List.of(), error.toString());
        }
    }

    /** One entry per failed rule, with the text and the place of its first failed check. */
    private static List<Failure> failures(ValidationResult result) {
        Map<RuleId, TestAssertion> first = new LinkedHashMap<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                first.putIfAbsent(assertion.getRuleId(), assertion);
            }
        }
        List<Failure> failures = new ArrayList<>();
        first.forEach((rule, assertion) -> failures.add(new Failure(
                rule.getClause(),
                rule.getTestNumber(),
                result.getFailedChecks().get(rule),
                assertion.getMessage(),
                assertion.getLocation().getContext())));
        return failures;
    }
}
