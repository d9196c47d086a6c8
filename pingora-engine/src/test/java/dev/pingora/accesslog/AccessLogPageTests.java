package dev.pingora.accesslog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds {@code docs/access-log.md} to the code.
 */
class AccessLogPageTests {

	private static final Pattern ROW = Pattern.compile("^\\| `\\$(\\w+)` \\| .+ \\| (?:`(\\w+)` )?\\|$",
			Pattern.MULTILINE);

	private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\":");

	private static String page() throws IOException {
		return Files.readString(Path.of("..", "docs", "access-log.md"));
	}

	@Test
	void tableHasAllVariables() throws IOException {
		List<String> documented = new ArrayList<>();
		Matcher row = ROW.matcher(page());
		while (row.find()) {
			documented.add(row.group(1));
		}
		assertThat(documented).containsExactlyElementsOf(Arrays.stream(Variable.values()).map(Variable::tag).toList());
	}

	@Test
	void tableHasAllMembersOfJson() throws IOException {
		List<String> documented = new ArrayList<>(List.of("user_agent", "referer"));
		Matcher row = ROW.matcher(page());
		while (row.find()) {
			if (row.group(2) != null) {
				documented.add(row.group(2));
			}
		}
		List<String> members = new ArrayList<>();
		Matcher member = MEMBER.matcher(AccessLogFormat.json().layout());
		while (member.find()) {
			members.add(member.group(1));
		}
		assertThat(members).hasSize(27).containsExactlyInAnyOrderElementsOf(documented);
	}

	@Test
	void namesOfNginxAreAllNamed() throws IOException {
		String page = page();
		for (String name : List.of("request_method", "request_uri", "args", "query_string", "server_protocol",
				"body_bytes_sent", "request_time", "upstream_addr")) {
			assertThat(Variable.of(name)).as(name).isNotNull();
			assertThat(page).contains("`$" + name + "`");
		}
	}

}
