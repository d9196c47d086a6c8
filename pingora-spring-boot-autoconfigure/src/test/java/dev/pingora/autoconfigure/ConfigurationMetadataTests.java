package dev.pingora.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.jayway.jsonpath.JsonPath;
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

	private static List<Map<String, Object>> properties() throws IOException {
		try (InputStream in = new ClassPathResource("META-INF/spring-configuration-metadata.json",
				PingoraProperties.class.getClassLoader())
			.getInputStream()) {
			List<Map<String, Object>> properties = JsonPath.read(in, "$.properties");
			return properties.stream()
				.filter((property) -> ((String) property.get("name")).startsWith("pingora."))
				.toList();
		}
	}

}
