package dev.pingora.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page in Markdown, as far as tests look at it.
 */
final class Page {

	private final List<String> lines;

	private Page(List<String> lines) {
		this.lines = lines;
	}

	/**
	 * Reads a page.
	 * @param path its path from the project's root
	 * @return the page
	 */
	static Page of(String... path) {
		try {
			return new Page(Files.readAllLines(Path.of("..", path)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the rows of the table with this head.
	 * @param head the cells of its head
	 * @return the cells of each row
	 */
	List<List<String>> table(String... head) {
		int at = this.lines.indexOf("| " + String.join(" | ", head) + " |");
		if (at < 0) {
			throw new IllegalArgumentException("there is no table with the head " + Arrays.toString(head));
		}
		List<List<String>> rows = new ArrayList<>();
		for (String line : this.lines.subList(at + 2, this.lines.size())) {
			if (!line.startsWith("|")) {
				break;
			}
			rows.add(Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList());
		}
		return rows;
	}

	/**
	 * Returns the fenced blocks of a language.
	 * @param language the language
	 * @return their texts, without the fences
	 */
	List<String> blocks(String language) {
		Matcher fence = Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
			.matcher(text());
		List<String> blocks = new ArrayList<>();
		while (fence.find()) {
			blocks.add(fence.group(1));
		}
		return blocks;
	}

	/**
	 * Returns the whole page.
	 * @return its text
	 */
	String text() {
		return String.join("\n", this.lines) + "\n";
	}

}
