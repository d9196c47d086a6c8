package dev.pingora.autoconfigure.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/grafana/pingora.json} to what Prometheus scrapes.
 */
class DashboardTests {

	private static final Pattern METRIC = Pattern.compile("pingora_[a-z_]+");

	private static final Pattern GROUPING = Pattern.compile("by \\(([^)]+)\\)");

	private static final Pattern SELECTOR = Pattern.compile("(\\w+)=~?\"");

	private static DocumentContext dashboard;

	private static String scrape;

	private static Set<String> scraped;

	@BeforeAll
	static void start() throws IOException {
		dashboard = JsonPath.parse(Files.readString(Path.of("..", "docs", "grafana", "pingora.json")));
		try (MeteredGateway gateway = MeteredGateway
			.start("management.metrics.distribution.percentiles-histogram.pingora.requests=true")) {
			gateway.exercise();
			scrape = gateway.scrape();
			scraped = gateway.scrapedNames();
		}
	}

	private static List<String> queries() {
		List<String> queries = Stream
			.concat(dashboard.<List<String>>read("$.panels[*].targets[*].expr").stream(),
					dashboard.<List<String>>read("$.templating.list[*].definition").stream())
			.toList();
		assertThat(queries).hasSizeGreaterThan(20);
		return queries;
	}

	private static Set<String> found(Pattern pattern, int group, String text) {
		Set<String> found = new TreeSet<>();
		Matcher matcher = pattern.matcher(text);
		while (matcher.find()) {
			found.add(matcher.group(group));
		}
		return found;
	}

	@Test
	void everyMetricOfTheDashboardIsScraped() {
		assertThat(scraped).containsAll(found(METRIC, 0, String.join("\n", queries())));
	}

	@Test
	void everyMetricThatIsScrapedStandsOnTheDashboard() {
		assertThat(found(METRIC, 0, String.join("\n", queries()))).containsAll(scraped);
	}

	@Test
	void everyLabelOfTheDashboardIsScraped() {
		for (String query : queries()) {
			Set<String> labels = found(GROUPING, 1, query).stream()
				.flatMap((names) -> Arrays.stream(names.split(", ")))
				.collect(Collectors.toCollection(TreeSet::new));
			labels.addAll(found(SELECTOR, 1, query));
			labels.remove("instance"); // by Prometheus itself
			for (String metric : found(METRIC, 0, query)) {
				String line = scrape.lines().filter((each) -> each.startsWith(metric + "{")).findFirst().orElse("");
				assertThat(found(SELECTOR, 1, line)).as(query).containsAll(labels);
			}
		}
	}

	@Test
	void panelsAreTitledExplainedAndToldApart() {
		List<Integer> ids = dashboard.read("$.panels[*].id");
		assertThat(ids).doesNotHaveDuplicates();
		assertThat(dashboard.<List<String>>read("$.panels[*].title")).hasSameSizeAs(ids).doesNotContain("");
		int rows = dashboard.<List<String>>read("$.panels[?(@.type == 'row')].title").size();
		assertThat(dashboard.<List<String>>read("$.panels[*].description")).hasSize(ids.size() - rows)
			.allSatisfy((description) -> assertThat(description).endsWith("."));
	}

}
