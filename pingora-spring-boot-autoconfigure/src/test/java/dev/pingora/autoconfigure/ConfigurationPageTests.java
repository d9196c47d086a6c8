package dev.pingora.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/configuration.md} to the code.
 */
class ConfigurationPageTests {

	private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

	private static final Pattern ROW = Pattern.compile("^\\| `(pingora\\.[^`]+)` \\| (?:`([^`]*)`.*?|) ?\\| .+ \\|$",
			Pattern.MULTILINE);

	private final String page = page();

	private static String page() {
		try {
			return Files.readString(Path.of("..", "docs", "configuration.md"));
		}
		catch (IOException absent) {
			throw new IllegalStateException("docs/configuration.md can't be read", absent);
		}
	}

	@Test
	void exampleCanBeUsed() throws IOException {
		Matcher yaml = YAML.matcher(this.page);
		assertThat(yaml.find()).isTrue();
		List<PropertySource<?>> sources = new YamlPropertySourceLoader().load("page",
				new ByteArrayResource(yaml.group(1).getBytes(UTF_8)));
		var propertySources = ConfigurationPropertySources.from(sources);
		PingoraProperties properties = new Binder(propertySources).bind("pingora", Bindable.of(PingoraProperties.class))
			.get();
		EngineConfiguration configuration = new PropertiesMapper(properties, propertySources)
			.map(new FilterBeans(List.of(), Map.of()));
		assertThat(configuration.listeners()).hasSize(1);
		assertThat(configuration.router()).asString().contains("orders", "images");
	}

	@Test
	void everyPropertyIsExplainedWithItsDefault() throws IOException {
		Map<String, String> rows = rows();
		Map<String, String> expected = new LinkedHashMap<>();
		List<Map<String, Object>> metadata = JsonPath.read(
				new ClassPathResource("META-INF/spring-configuration-metadata.json").getInputStream(), "$.properties");
		metadata.stream()
			.filter((property) -> !List.of("pingora.listeners", "pingora.upstreams", "pingora.routes")
				.contains((String) property.get("name")))
			.filter((property) -> ((String) property.get("name")).startsWith("pingora."))
			.forEach((property) -> expected.put((String) property.get("name"),
					(property.get("defaultValue") != null) ? property.get("defaultValue").toString() : ""));
		assertThat(rows).containsAllEntriesOf(expected);
		Stream
			.of(keys("pingora.listeners[].", PingoraProperties.Listener.class),
					keys("pingora.upstreams.<name>.", PingoraProperties.Upstream.class),
					keys("pingora.routes[].", PingoraProperties.Route.class))
			.flatMap((keys) -> keys)
			.forEach((key) -> expected.put(key, ""));
		assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
	}

	private Map<String, String> rows() {
		Map<String, String> rows = new LinkedHashMap<>();
		Matcher row = ROW.matcher(this.page);
		while (row.find()) {
			rows.put(row.group(1), (row.group(2) != null) ? row.group(2) : "");
		}
		return rows;
	}

	private static Stream<String> keys(String prefix, Class<?> type) {
		return Arrays.stream(type.getRecordComponents()).flatMap((component) -> {
			String key = prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
			Class<?> group = component.getType();
			return (SocketProperties.class.isAssignableFrom(group)) ? keys(key + ".", group) : Stream.of(key);
		});
	}

}
