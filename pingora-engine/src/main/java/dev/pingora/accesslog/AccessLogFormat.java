package dev.pingora.accesslog;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What a line of the access log looks like. Immutable.
 * <p>
 * Values are escaped, so that none of them can end a line or leave its quotes. In JSON a
 * missing value's member is absent; in all other formats a missing or empty value is
 * {@code -}.
 */
public final class AccessLogFormat {

	private static final String COMMON = "$remote_addr - - [$time_local] \"$request\" $status $bytes_sent";

	private final String name;

	private final boolean json;

	private final List<Piece> pieces;

	private final Set<Need> needs;

	private final List<String> requestFields;

	private final List<String> responseFields;

	/**
	 * A piece of a line.
	 *
	 * @param before what stands before the value
	 * @param value the value, or {@code null} if the line ends here
	 */
	record Piece(byte[] before, @Nullable Value value) {
	}

	private AccessLogFormat(String name, boolean json, Pieces pieces) {
		this.name = name;
		this.json = json;
		this.pieces = List.copyOf(pieces.pieces);
		this.needs = Set.copyOf(pieces.needs);
		this.requestFields = List.copyOf(pieces.requestFields);
		this.responseFields = List.copyOf(pieces.responseFields);
	}

	/**
	 * The format {@code common} of NCSA's servers.
	 * @return the format
	 */
	public static AccessLogFormat common() {
		return new AccessLogFormat("common", false, PatternParser.parse(COMMON));
	}

	/**
	 * The format {@code combined}: common, with referer and user agent.
	 * @return the format
	 */
	public static AccessLogFormat combined() {
		return new AccessLogFormat("combined", false,
				PatternParser.parse(COMMON + " \"$http_referer\" \"$http_user_agent\""));
	}

	/**
	 * An object of JSON for each line, with everything that is known.
	 * @return the format
	 */
	public static AccessLogFormat json() {
		Pieces pieces = new Pieces();
		pieces.member("time", Variable.TIME_ISO8601);
		pieces.member("request_id", Variable.REQUEST_ID);
		pieces.member("trace_id", Variable.TRACE_ID);
		pieces.member("client_address", Variable.REMOTE_ADDR);
		pieces.member("client_port", Variable.REMOTE_PORT);
		pieces.member("protocol", Variable.PROTOCOL);
		pieces.member("method", Variable.METHOD);
		pieces.member("path", Variable.PATH);
		pieces.member("query", Variable.QUERY);
		pieces.member("host", Variable.HOST);
		pieces.member("route", Variable.ROUTE);
		pieces.member("upstream", Variable.UPSTREAM);
		pieces.member("peer", Variable.PEER);
		pieces.member("attempts", Variable.ATTEMPTS);
		pieces.member("status", Variable.STATUS);
		pieces.member("upstream_status", Variable.UPSTREAM_STATUS);
		pieces.member("bytes_in", Variable.BYTES_RECEIVED);
		pieces.member("bytes_out", Variable.BYTES_SENT);
		pieces.member("duration_ms", Variable.DURATION_MS);
		pieces.member("connect_ms", Variable.UPSTREAM_CONNECT_MS);
		pieces.member("upstream_header_ms", Variable.UPSTREAM_HEADER_MS);
		pieces.member("outcome", Variable.OUTCOME);
		pieces.member("error_type", Variable.ERROR);
		pieces.member("error_source", Variable.ERROR_SOURCE);
		pieces.member("panic_id", Variable.PANIC_ID);
		pieces.add("user_agent", pieces.requestField("user-agent"));
		pieces.add("referer", pieces.requestField("referer"));
		return new AccessLogFormat("json", true, pieces);
	}

	/**
	 * A pattern of nginx's kind: text with variables, such as {@code $status}.
	 * {@code $(status)} is the same where a letter follows, {@code $$} is a dollar sign.
	 * @param pattern the pattern
	 * @return the format
	 * @throws IllegalArgumentException if the pattern has an unknown variable, none at
	 * all, or a control character other than a tab
	 */
	public static AccessLogFormat pattern(String pattern) {
		return new AccessLogFormat(pattern, false, PatternParser.parse(pattern));
	}

	/**
	 * Finds a format by its name, or makes one of a pattern.
	 * @param text {@code common}, {@code combined}, {@code json}, or a pattern
	 * @return the format
	 * @throws IllegalArgumentException if it is neither
	 */
	public static AccessLogFormat of(String text) {
		return switch (text) {
			case "common" -> common();
			case "combined" -> combined();
			case "json" -> json();
			default -> pattern(text);
		};
	}

	/**
	 * Returns what stands around the values.
	 * @return the text of a line without its values
	 */
	String layout() {
		StringBuilder layout = new StringBuilder();
		this.pieces.forEach((piece) -> layout.append(new String(piece.before(), UTF_8)));
		return layout.toString();
	}

	boolean isJson() {
		return this.json;
	}

	Set<Need> needs() {
		return this.needs;
	}

	List<String> requestFields() {
		return this.requestFields;
	}

	List<String> responseFields() {
		return this.responseFields;
	}

	/**
	 * Appends a line.
	 * @param line takes it
	 * @param entry what the line is made of
	 */
	void write(LineBuffer line, Entry entry) {
		if (this.json) {
			writeJson(line, entry);
		}
		else {
			for (Piece piece : this.pieces) {
				line.raw(piece.before());
				if (piece.value() != null && !piece.value().write(line, entry)) {
					line.raw('-');
				}
			}
		}
		line.raw('\n');
	}

	private void writeJson(LineBuffer line, Entry entry) {
		line.raw('{');
		int first = line.size();
		for (Piece piece : this.pieces) {
			int mark = line.size();
			if (mark > first) {
				line.raw(',');
			}
			line.raw(piece.before());
			if (piece.value() != null && !piece.value().write(line, entry)) {
				line.truncate(mark);
			}
		}
		line.raw('}');
	}

	@Override
	public String toString() {
		return this.name;
	}

	/**
	 * Collects the pieces of a line and what they need.
	 */
	static final class Pieces {

		private final List<Piece> pieces = new ArrayList<>();

		private final Set<Need> needs = EnumSet.noneOf(Need.class);

		private final List<String> requestFields = new ArrayList<>();

		private final List<String> responseFields = new ArrayList<>();

		void text(String before) {
			this.pieces.add(new Piece(before.getBytes(UTF_8), null));
		}

		void variable(String before, Variable variable) {
			this.needs.addAll(variable.needs());
			this.pieces.add(new Piece(before.getBytes(UTF_8), variable));
		}

		void value(String before, Value value) {
			this.pieces.add(new Piece(before.getBytes(UTF_8), value));
		}

		private void member(String key, Variable variable) {
			variable("\"" + key + "\":", variable);
		}

		private void add(String key, Value value) {
			value("\"" + key + "\":", value);
		}

		Value requestField(String name) {
			int index = index(this.requestFields, name);
			return (line, entry) -> entry.requestFields != null && line.text(entry.requestFields[index]);
		}

		Value responseField(String name) {
			int index = index(this.responseFields, name);
			return (line, entry) -> entry.responseFields != null && line.text(entry.responseFields[index]);
		}

		private static int index(List<String> names, String name) {
			if (!names.contains(name)) {
				names.add(name);
			}
			return names.indexOf(name);
		}

	}

}
