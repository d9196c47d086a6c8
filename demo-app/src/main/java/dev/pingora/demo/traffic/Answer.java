package dev.pingora.demo.traffic;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A response of a known length, which is all that bystanders ever get.
 *
 * @param status the status
 * @param fields the fields, their names in lower case
 * @param body the body
 */
record Answer(int status, Map<String, String> fields, byte[] body) {

	private static final int LONGEST_LINE = 8192;

	/**
	 * Reads an answer.
	 * @param input the connection
	 * @return the answer
	 * @throws IOException if the connection ends before the answer does, or it is none
	 */
	static Answer read(InputStream input) throws IOException {
		String[] start = line(input).split(" ", 3);
		if (start.length < 2 || !start[1].matches("\\d{3}")) {
			throw new ProtocolException("not a status line");
		}
		Map<String, String> fields = new HashMap<>();
		for (String line = line(input); !line.isEmpty(); line = line(input)) {
			int colon = line.indexOf(':');
			if (colon < 1) {
				throw new ProtocolException("not a field: " + line);
			}
			fields.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
		}
		String length = fields.get("content-length");
		if (length == null || !length.matches("\\d{1,9}")) {
			throw new ProtocolException("content-length: " + length);
		}
		byte[] body = input.readNBytes(Integer.parseInt(length));
		if (body.length < Integer.parseInt(length)) {
			throw new EOFException("closed within the body, after " + body.length + " of " + length);
		}
		return new Answer(Integer.parseInt(start[1]), fields, body);
	}

	private static String line(InputStream input) throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		for (int octet = input.read(); octet != '\n'; octet = input.read()) {
			if (octet < 0) {
				throw new EOFException("closed before the answer");
			}
			if (line.size() == LONGEST_LINE) {
				throw new ProtocolException("a line of more than " + LONGEST_LINE);
			}
			line.write(octet);
		}
		return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
	}

	boolean isLast() {
		return "close".equalsIgnoreCase(this.fields.get("connection"));
	}

}
