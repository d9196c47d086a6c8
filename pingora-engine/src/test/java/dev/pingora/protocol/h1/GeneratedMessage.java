package dev.pingora.protocol.h1;

import java.util.ArrayList;
import java.util.List;

import dev.pingora.testkit.Octets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * A valid message that was made up, and what is to be read of it.
 *
 * @param kind request or response
 * @param start the parts of the start line as they are read
 * @param fields the fields that say nothing about the message's length
 * @param body the body
 */
record GeneratedMessage(H1HeadParser.Kind kind, List<String> start, List<Field> fields, Body body) {

	private static final String TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	/**
	 * A field, and the white space around its value.
	 *
	 * @param name the name
	 * @param before before the value
	 * @param value the value
	 * @param after after the value
	 */
	record Field(String name, String before, String value, String after) {

		String line() {
			return this.name + ":" + this.before + this.value + this.after + "\r\n";
		}

		String shown() {
			return this.name + "=" + this.value;
		}

	}

	/**
	 * A body.
	 *
	 * @param chunked whether it is chunked, else of a known length
	 * @param pieces the chunks, each at least an octet
	 * @param extension what is behind each chunk's size
	 * @param trailers the trailers, if it is chunked
	 */
	record Body(boolean chunked, List<String> pieces, String extension, List<Field> trailers) {

		Field framing() {
			return this.chunked ? new Field("Transfer-Encoding", " ", "chunked", "")
					: new Field("Content-Length", "", Integer.toString(text().length()), "");
		}

		String text() {
			return String.join("", this.pieces);
		}

		String octets() {
			if (!this.chunked) {
				return text();
			}
			StringBuilder octets = new StringBuilder();
			this.pieces.forEach((piece) -> octets.append(Integer.toHexString(piece.length()))
				.append(this.extension)
				.append("\r\n")
				.append(piece)
				.append("\r\n"));
			octets.append("0").append(this.extension).append("\r\n");
			this.trailers.forEach((field) -> octets.append(field.line()));
			return octets.append("\r\n").toString();
		}

	}

	byte[] octets() {
		StringBuilder octets = new StringBuilder();
		if (this.kind == H1HeadParser.Kind.REQUEST) {
			octets.append(String.join(" ", this.start)).append("\r\nHost: a\r\n");
		}
		else {
			octets.append("HTTP/1.1 ").append(this.start.get(0)).append(' ').append(this.start.get(1)).append("\r\n");
		}
		this.fields.forEach((field) -> octets.append(field.line()));
		return Octets.latin1(octets.append(this.body.framing().line()) + "\r\n" + this.body.octets());
	}

	Reading expected() {
		List<String> head = new ArrayList<>(this.start);
		if (this.kind == H1HeadParser.Kind.REQUEST) {
			head.add("Host=a");
		}
		this.fields.forEach((field) -> head.add(field.shown()));
		head.add(this.body.framing().shown());
		List<String> trailers = this.body.chunked() ? this.body.trailers().stream().map(Field::shown).toList()
				: List.of();
		return new Reading(Reading.COMPLETE, head, this.body.text(), trailers, octets().length);
	}

	@Override
	public String toString() {
		return Octets.latin1(octets()).replace("\r", "\\r").replace("\n", "\\n");
	}

	static Arbitrary<GeneratedMessage> requests() {
		// RFC 9112 section 3.2.1: the origin form; after '?', a query
		Arbitrary<String> targets = Arbitraries.strings()
			.withCharRange('!', '~')
			.withChars('\u0080', '\u00ff')
			.excludeChars('#')
			.ofMaxLength(40)
			.map((text) -> "/" + text);
		Arbitrary<List<String>> starts = Combinators
			.combine(Arbitraries.strings().withChars(TOKEN).ofMinLength(1).ofMaxLength(8), targets)
			.as((method, target) -> List.of(method, target, "HTTP/1.1"));
		return Combinators
			.combine(starts.filter((start) -> !start.get(0).equalsIgnoreCase("CONNECT")), anyFields(), anyBodies())
			.as((start, fields, body) -> new GeneratedMessage(H1HeadParser.Kind.REQUEST, start, fields, body));
	}

	static Arbitrary<GeneratedMessage> responses() {
		Arbitrary<Integer> statuses = Arbitraries.integers().between(200, 999).filter((s) -> s != 204 && s != 304);
		Arbitrary<List<String>> starts = Combinators.combine(statuses, anyValues())
			.as((status, reason) -> List.of(status.toString(), reason, "HTTP/1.1"));
		return Combinators.combine(starts, anyFields(), anyBodies())
			.as((start, fields, body) -> new GeneratedMessage(H1HeadParser.Kind.RESPONSE, start, fields, body));
	}

	// RFC 9110 section 5.5: visible characters, with blanks between them, and obs-text
	private static Arbitrary<String> anyValues() {
		return Arbitraries.strings()
			.withCharRange(' ', '~')
			.withChars('\t', '\u0080', '\u00a0', '\u00ff')
			.ofMaxLength(30)
			.map(GeneratedMessage::trim);
	}

	// String.trim() takes other characters, too.
	private static String trim(String text) {
		return text.replaceAll("^[ \t]+|[ \t]+$", "");
	}

	private static Arbitrary<List<Field>> anyFields() {
		Arbitrary<String> names = Arbitraries.strings().withChars(TOKEN).ofMinLength(1).ofMaxLength(12);
		Arbitrary<String> blanks = Arbitraries.of("", " ", "\t", " \t ");
		return Combinators.combine(names.map((name) -> "X" + name), blanks, anyValues(), blanks)
			.as(Field::new)
			.list()
			.ofMaxSize(30);
	}

	private static Arbitrary<Body> anyBodies() {
		Arbitrary<List<String>> pieces = Arbitraries.strings()
			.withCharRange('\0', '\u00ff')
			.ofMinLength(1)
			.ofMaxLength(40)
			.list()
			.ofMaxSize(5);
		Arbitrary<String> extensions = Arbitraries.of("", ";a", ";a=b", ";a=\"b c;d\"", ";a=b;c", " ;\ta =\tb",
				";a=\"\\\"\\\\ \" ; b", ";a=b ;c");
		return Combinators.combine(Arbitraries.of(true, false), pieces, extensions, anyFields()).as(Body::new);
	}

}
