package dev.pingora.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the code on pages to the examples that are compiled and run, and links to the
 * files that they lead to.
 */
class ExamplesOnPagesTests {

	private static final Path EXAMPLES = Path.of("src", "test", "java", "dev", "pingora", "examples");

	private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)[^)]*\\)");

	@ParameterizedTest
	@CsvSource({ "README.md, ApiKeyFilter", "README.md, Failover", "README.md, Gateway",
			"docs/panics.md, FragileFilterTests", "docs/sentry.md, PanicSyslog",
			"docs/forwarding.md, BehindALoadBalancerTests" })
	void pageShowsTheExample(String page, String example) throws IOException {
		String source = Files.readString(EXAMPLES.resolve(example + ".java"));
		assertThat(Page.of(page).blocks("java")).extracting((block) -> block.replaceFirst("\\A@Component\n", ""))
			.contains(withoutImports(source));
	}

	private static String withoutImports(String source) {
		int imports = source.lastIndexOf("\nimport ");
		return source.substring(source.indexOf('\n', imports + 1)).stripLeading();
	}

	@Test
	void readmeNamesTheTestCommandWhereTheScriptLooksForIt() {
		assertThat(Page.of("README.md").text())
			.containsOnlyOnce("\n<!-- test-command -->\n```shell\nmvn -B verify\n```\n");
	}

	@ParameterizedTest
	@ValueSource(strings = { "README.md", "CONTRIBUTING.md", "docs/README.md", "docs/panics.md", "docs/phases.md",
			"docs/errors.md", "docs/concurrency.md", "docs/sentry.md", "docs/shutdown.md", "docs/executor.md",
			"docs/observability.md", "docs/tracing.md", "docs/actuator.md", "docs/watchdog.md", "docs/access-log.md",
			"docs/configuration.md", "docs/forwarding.md", "docs/http1.md", "docs/limits.md", "docs/upstream-pool.md",
			"docs/sockets.md", "docs/websocket.md", "docs/performance.md" })
	void linksLeadSomewhere(String page) {
		Path folder = Path.of("..", page).resolveSibling("");
		Matcher link = LINK.matcher(Page.of(page).text());
		int found = 0;
		while (link.find()) {
			assertThat(folder.resolve(link.group(1))).exists();
			found++;
		}
		assertThat(found).isPositive();
	}

}
