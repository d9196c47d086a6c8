package dev.pingora.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.error.ErrorType;
import dev.pingora.protocol.ClosingLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/limits.md} to the defaults, and to the meters that there are.
 */
class LimitsPageTests {

	private static final Pattern ROW = Pattern.compile(
			"^\\| `([a-z.-]+)`( \\*\\(listener\\)\\*)? \\| `([^`]+)`[^|]* \\| [^|]+ \\| ([^|]+) \\|$",
			Pattern.MULTILINE);

	private static final Pattern NAME = Pattern.compile("`([a-z._]+)`");

	private static final Pattern CLOSED = Pattern.compile("connections\\.closed`, reason `([a-z_]+)`");

	private final String page = page("limits.md");

	private static String page(String name) {
		try {
			return Files.readString(Path.of("..", "docs", name));
		}
		catch (IOException absent) {
			throw new IllegalStateException("docs/" + name + " can't be read", absent);
		}
	}

	private List<MatchResult> rows() {
		List<MatchResult> rows = ROW.matcher(this.page).results().toList();
		assertThat(rows).hasSize(12);
		return rows;
	}

	private static Map<String, String> defaults() throws IOException {
		List<Map<String, Object>> metadata = JsonPath.read(
				new ClassPathResource("META-INF/spring-configuration-metadata.json").getInputStream(), "$.properties");
		Map<String, String> defaults = new LinkedHashMap<>();
		metadata.forEach((property) -> defaults.put((String) property.get("name"),
				String.valueOf(property.get("defaultValue"))));
		return defaults;
	}

	private static String listenerDefault(String name) {
		Parameter[] parameters = PingoraProperties.Listener.class.getDeclaredConstructors()[0].getParameters();
		return Arrays.stream(parameters)
			.filter((parameter) -> parameter.getName().replaceAll("([A-Z])", "-$1").equalsIgnoreCase(name))
			.map((parameter) -> parameter.getAnnotation(DefaultValue.class).value()[0])
			.findFirst()
			.orElseThrow();
	}

	@Test
	void defaultsAreThose() throws IOException {
		Map<String, String> defaults = defaults();
		for (MatchResult row : rows()) {
			String name = row.group(1);
			assertThat(row.group(3)).as(name)
				.isEqualTo((row.group(2) != null) ? listenerDefault(name) : defaults.get("pingora.downstream." + name));
		}
	}

	@ParameterizedTest
	@CsvSource({ "max-header-size, 64KB", "max-header-count, 200" })
	void defaultsOfUpstreamsAreThose(String name, String value) throws IOException {
		assertThat(this.page).contains(name, "`" + value + "`");
		assertThat(defaults()).containsEntry("pingora.upstream-defaults." + name, value);
	}

	@Test
	void metersAreThereAndTellTheirReasons() {
		String meters = page("observability.md");
		Set<String> reasons = reasons();
		for (MatchResult row : rows()) {
			Matcher name = NAME.matcher(row.group(4));
			int found = 0;
			while (name.find()) {
				if (name.group(1).startsWith("pingora.")) {
					assertThat(meters).contains("| `" + name.group(1) + "` |");
				}
				else {
					assertThat(reasons).contains(name.group(1));
				}
				found++;
			}
			assertThat(found).as("%s", row.group()).isPositive();
		}
	}

	private static Set<String> reasons() {
		Set<String> reasons = new HashSet<>(Set.of("per_address"));
		Arrays.stream(ClosingLimit.values()).map(ClosingLimit::tag).forEach(reasons::add);
		Arrays.stream(ErrorType.class.getFields())
			.filter((field) -> field.getType() == ErrorType.class)
			.map((field) -> field.getName().toLowerCase(Locale.ROOT))
			.forEach(reasons::add);
		return reasons;
	}

	@Test
	void everyLimitThatClosesAConnectionIsExplained() {
		Set<String> explained = CLOSED.matcher(this.page)
			.results()
			.map((match) -> match.group(1))
			.collect(Collectors.toSet());
		assertThat(explained)
			.isEqualTo(Arrays.stream(ClosingLimit.values()).map(ClosingLimit::tag).collect(Collectors.toSet()));
		assertThat(page("observability.md")).contains(explained);
	}

}
