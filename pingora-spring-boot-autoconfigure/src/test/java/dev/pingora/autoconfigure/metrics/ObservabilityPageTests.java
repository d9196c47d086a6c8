package dev.pingora.autoconfigure.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.pingora.testkit.Await;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/observability.md} to the meters.
 */
class ObservabilityPageTests {

	private static final Pattern ROW = Pattern
		.compile("^\\| `(pingora\\.[a-z.]+)` \\| (\\w+) \\| ([^|]*)\\| .+\\. \\|$", Pattern.MULTILINE);

	private static final Pattern PROPERTY = Pattern.compile("(management\\.metrics\\.[a-z.-]+=[a-z0-9,]+)");

	private static final Pattern NAME = Pattern.compile("pingora_[a-z_]+");

	private final String page = page();

	private static String page() {
		try {
			return Files.readString(Path.of("..", "docs", "observability.md"));
		}
		catch (IOException absent) {
			throw new IllegalStateException("docs/observability.md can't be read", absent);
		}
	}

	private Map<String, String> documented() {
		return ROW.matcher(this.page)
			.results()
			.collect(Collectors.toMap((row) -> row.group(1), (row) -> row.group(2) + new TreeSet<>(
					Pattern.compile("`(\\w+)`").matcher(row.group(3)).results().map((tag) -> tag.group(1)).toList()),
					(one, other) -> one + " and " + other, TreeMap::new));
	}

	private static String described(Meter meter) {
		return meter.getId().getType().name().toLowerCase(Locale.ROOT)
				+ new TreeSet<>(meter.getId().getTags().stream().map(Tag::getKey).toList());
	}

	@Test
	void everyMeterStandsInTheTableWithItsTypeAndItsTags() {
		try (MeteredGateway gateway = MeteredGateway.start()) {
			gateway.exercise();
			Map<String, String> registered = gateway.registry()
				.getMeters()
				.stream()
				.filter((meter) -> meter.getId().getName().startsWith("pingora."))
				.collect(Collectors.toMap((meter) -> meter.getId().getName(), ObservabilityPageTests::described,
						(one, other) -> one.equals(other) ? one : one + " and " + other, TreeMap::new));
			assertThat(registered).isEqualTo(documented());
		}
	}

	@Test
	void propertiesAndNamesOfThePageWork() {
		String[] properties = PROPERTY.matcher(this.page).results().map(MatchResult::group).toArray(String[]::new);
		assertThat(properties).hasSize(3);
		try (MeteredGateway gateway = MeteredGateway.start(properties)) {
			gateway.exercise();
			assertThat(gateway.scrape()).contains("le=\"0.05\"", "le=\"0.2\"", "le=\"1.0\"")
				.doesNotContain("pingora_bytes");
			assertThat(gateway.scrapedNames())
				.containsAll(NAME.matcher(this.page).results().map(MatchResult::group).toList());
		}
	}

	@Test
	void histogramHasAsManySeriesAsThePageSays() {
		try (MeteredGateway gateway = MeteredGateway
			.start("management.metrics.distribution.percentiles-histogram.pingora.requests=true")) {
			gateway.exchange("/hello");
			Await.until("there are buckets", () -> gateway.scrape().contains("pingora_requests_seconds_bucket{"));
			long buckets = gateway.scrape()
				.lines()
				.filter((line) -> line.startsWith("pingora_requests_seconds_bucket{"))
				.count();
			assertThat(this.page).contains("costs " + buckets + " series");
		}
	}

}
