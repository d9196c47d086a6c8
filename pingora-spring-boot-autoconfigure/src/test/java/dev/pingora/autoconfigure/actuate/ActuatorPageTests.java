package dev.pingora.autoconfigure.actuate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.panic.PanicSite;
import dev.pingora.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the JSON of the endpoints, over HTTP, to the examples in
 * {@code docs/actuator.md}: they are what users rely on.
 */
class ActuatorPageTests {

	private static final Pattern EXAMPLE = Pattern.compile("^```json (\\w+)\n(.*?)^```$",
			Pattern.DOTALL | Pattern.MULTILINE);

	private static String page;

	private static Gateway gateway;

	@BeforeAll
	static void start() throws IOException {
		page = Files.readString(Path.of("..", "docs", "actuator.md"));
		gateway = Gateway.start();
		assertThat(gateway.get("/orders/hello").text()).isEqualTo("hello");
		gateway.panic("/orders/hello?token=hidden-query");
		Await.until("both requests are logged", () -> gateway.accessLog().written() == 2);
	}

	@AfterAll
	static void stop() {
		gateway.close();
	}

	private static JsonNode example(String name) {
		Matcher example = EXAMPLE.matcher(page);
		while (example.find()) {
			if (example.group(1).equals(name)) {
				return JsonLikeness.parse(example.group(2));
			}
		}
		throw new AssertionError("docs/actuator.md has no example " + name);
	}

	// The engine has a version as a jar only, and tests may run on its classes.
	private static JsonNode actual(String path) throws IOException, InterruptedException {
		JsonNode json = JsonLikeness.parse(gateway.json(path));
		JsonNode version = (json instanceof ObjectNode object) ? object.remove("version") : null;
		assertThat(version == null || version.isString()).isTrue();
		return json;
	}

	@ParameterizedTest
	@CsvSource({ "health,/health/pingora", "panics,/panics", "pingora,/pingora" })
	void jsonIsLikeTheExample(String example, String path) throws IOException, InterruptedException {
		assertThat(JsonLikeness.differences(actual(path), example(example))).as(path).isEmpty();
	}

	@Test
	void singlePanicIsTheSameWithItsStackTrace() throws IOException, InterruptedException {
		String panic = gateway.json("/panics/1");
		Map<String, Object> expected = JsonPath.read(gateway.json("/panics"), "$.recent[0]");
		Map<String, Object> found = JsonPath.read(panic, "$");
		assertThat(found).containsAllEntriesOf(expected).hasSize(expected.size() + 1);
		List<String> lines = JsonPath.read(panic, "$.stackTrace");
		assertThat(lines.get(0)).isEqualTo("java.lang.IllegalStateException: no price");
		assertThat(lines).anyMatch((line) -> line.startsWith("Caused by: java.lang.ArithmeticException"))
			.anyMatch((line) -> line.contains("Gateway$PricesFilter.responseFilter"));
	}

	@Test
	void framesAndPanicsCanBeLimited() throws IOException, InterruptedException {
		List<String> frames = JsonPath.read(gateway.json("/panics"), "$.recent[0].frames");
		int omitted = JsonPath.read(gateway.json("/panics"), "$.recent[0].omittedFrames");
		assertThat(frames).hasSize(20);
		assertThat(JsonPath.<List<String>>read(gateway.json("/panics?frames=3"), "$.recent[0].frames"))
			.isEqualTo(frames.subList(0, 3));
		assertThat(JsonPath.<Integer>read(gateway.json("/panics?frames=3"), "$.recent[0].omittedFrames"))
			.isEqualTo(omitted + 17);
		assertThat(JsonPath.<List<?>>read(gateway.json("/panics?limit=0"), "$.recent")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/health", "/panics", "/panics/1", "/pingora" })
	void valuesOfHeadersAndOfTheQueryAreNotShown(String path) throws IOException, InterruptedException {
		assertThat(gateway.json(path)).doesNotContain("hidden-value", "hidden-query", "null");
	}

	@ParameterizedTest
	@CsvSource({ "/panics/0,404", "/panics/99,404", "/panics/-1,404", "/panics/x,400" })
	void unknownPanicIsNotFound(String path, int status) throws IOException, InterruptedException {
		assertThat(gateway.actuator(path).statusCode()).isEqualTo(status);
	}

	@Test
	void settingsAreAllPropertiesThatHaveAValue() throws IOException, InterruptedException {
		Map<String, Object> settings = JsonPath.read(gateway.json("/pingora"), "$.settings");
		List<Map<String, Object>> metadata = JsonPath.read(
				new ClassPathResource("META-INF/spring-configuration-metadata.json").getInputStream(), "$.properties");
		Stream<String> withDefault = metadata.stream()
			.filter((property) -> property.get("defaultValue") != null)
			.map((property) -> (String) property.get("name"))
			.filter((name) -> name.startsWith("pingora."))
			.filter((name) -> !List.of("pingora.listeners", "pingora.upstreams", "pingora.routes").contains(name));
		assertThat(List.copyOf(settings.keySet())).containsAll(withDefault.toList()).isSorted();
		assertThat(settings.values()).as("values that JSON has a form for")
			.allMatch((value) -> value instanceof Number || value instanceof Boolean || value instanceof String
					|| value instanceof List);
	}

	@Test
	void gravePanicIsLikeTheExample() throws IOException, InterruptedException {
		try (Gateway doubtful = Gateway.start()) {
			PanicSite site = PanicSite.of(PanicSite.ENGINE, null);
			doubtful.isolation().record(site, new StackOverflowError());
			assertThat(doubtful.actuator("/health").statusCode()).isEqualTo(200);
			doubtful.isolation().record(site, new OutOfMemoryError("Java heap space"));
			assertThat(doubtful.actuator("/health").statusCode()).isEqualTo(503);
			JsonNode health = JsonLikeness.parse(doubtful.actuator("/health/pingora").body());
			JsonNode example = example("grave");
			assertThat(health.get("status")).isEqualTo(example.get("status"));
			example.get("details")
				.propertyNames()
				.forEach((name) -> assertThat(
						JsonLikeness.differences(health.get("details").get(name), example.get("details").get(name)))
					.as(name)
					.isEmpty());
		}
	}

	@Test
	void everyFieldThatIsExplainedIsThere() throws IOException, InterruptedException {
		String all = gateway.actuator("/health/pingora").body() + gateway.json("/panics/1") + gateway.json("/panics")
				+ gateway.json("/pingora");
		List<String> notHere = List.of("failingBackgroundTasks", "gravePanic", "reason", "version");
		Matcher row = Pattern.compile("^\\| ((?:`\\w+`(?:, )?)+) \\| [^|]+ \\|$", Pattern.MULTILINE).matcher(page);
		int rows = 0;
		while (row.find()) {
			rows++;
			Stream.of(row.group(1).replace("`", "").split(", "))
				.filter((name) -> !notHere.contains(name))
				.forEach((name) -> assertThat(all).contains("\"" + name + "\":"));
		}
		assertThat(rows).isGreaterThan(20);
	}

}
