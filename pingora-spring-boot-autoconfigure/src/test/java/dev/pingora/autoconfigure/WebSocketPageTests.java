package dev.pingora.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.pingora.protocol.UpgradeOptions;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ByteArrayResource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/websocket.md} to the code.
 */
class WebSocketPageTests {

	private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

	private static final Pattern ROW = Pattern.compile("^\\| `([a-z-]+)` \\| `([^`]+)` \\|", Pattern.MULTILINE);

	private static String page() throws IOException {
		return Files.readString(Path.of("..", "docs", "websocket.md"));
	}

	@Test
	void exampleCanBeUsed() throws IOException {
		Matcher yaml = YAML.matcher(page());
		assertThat(yaml.find()).isTrue();
		var sources = ConfigurationPropertySources
			.from(new YamlPropertySourceLoader().load("page", new ByteArrayResource(yaml.group(1).getBytes(UTF_8))));
		PingoraProperties properties = new Binder(sources).bind("pingora", Bindable.of(PingoraProperties.class)).get();
		EngineConfiguration configuration = new PropertiesMapper(properties, sources)
			.map(new FilterBeans(List.of(), Map.of()));
		assertThat(configuration.downstream().upgrade()).isEqualTo(new UpgradeOptions(List.of("websocket", "SPDY/3.1"),
				Duration.ofHours(1), Duration.ofSeconds(10), Duration.ofDays(1)));
		assertThat(configuration.router()).asString().contains("chat", "api");
	}

	@Test
	void defaultsOfTheTableAreThoseOfTheProperties() throws IOException {
		UpgradeProperties defaults = new Binder(List.of()).bindOrCreate("none", Bindable.of(UpgradeProperties.class));
		Map<String, String> rows = ROW.matcher(page())
			.results()
			.collect(Collectors.toMap((row) -> row.group(1), (row) -> row.group(2)));
		assertThat(rows).isEqualTo(Map.of("protocols", String.join(",", defaults.protocols()), "idle-timeout",
				Quantities.text(defaults.idleTimeout()), "half-close-timeout",
				Quantities.text(defaults.halfCloseTimeout()), "max-lifetime", Quantities.text(defaults.maxLifetime())));
	}

}
