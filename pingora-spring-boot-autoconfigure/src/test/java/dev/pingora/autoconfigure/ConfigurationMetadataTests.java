package dev.pingora.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.jayway.jsonpath.JsonPath;
import dev.pingora.accesslog.AccessLogFormat;
import org.junit.jupiter.api.Test;

import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an IDE knows of the properties.
 */
class ConfigurationMetadataTests {

	@Test
	void everyPropertyHasADescription() throws IOException {
		Map<String, Object> descriptions = new TreeMap<>();
		properties()
			.forEach((property) -> descriptions.put((String) property.get("name"), property.get("description")));
		assertThat(descriptions).containsKeys("pingora.enabled", "pingora.listeners", "pingora.downstream.idle-timeout",
				"pingora.upstream-defaults.connect-timeout", "pingora.upstreams", "pingora.routes",
				"pingora.executor.pool-size");
		assertThat(descriptions.values())
			.allSatisfy((description) -> assertThat(description).asString().hasSizeGreaterThan(10).doesNotEndWith("."));
	}

	@Test
	void formatsOfTheAccessLogAreProposedAndPatternsAllowed() throws IOException {
		List<String> values = read("$.hints[?(@.name == 'pingora.access-log.format')].values[*].value");
		assertThat(values).containsExactlyInAnyOrder("common", "combined", "json")
			.allSatisfy((name) -> assertThat(AccessLogFormat.of(name)).hasToString(name));
		List<String> providers = read("$.hints[?(@.name == 'pingora.access-log.format')].providers[*].name");
		assertThat(providers).containsExactly("any");
	}

	private static List<Map<String, Object>> properties() throws IOException {
		List<Map<String, Object>> properties = read("$.properties");
		return properties.stream()
			.filter((property) -> ((String) property.get("name")).startsWith("pingora."))
			.toList();
	}

	private static <T> T read(String path) throws IOException {
		try (InputStream in = new ClassPathResource("META-INF/spring-configuration-metadata.json",
				PingoraProperties.class.getClassLoader())
			.getInputStream()) {
			return JsonPath.read(in, path);
		}
	}

}
