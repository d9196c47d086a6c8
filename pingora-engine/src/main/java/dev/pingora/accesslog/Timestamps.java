package dev.pingora.accesslog;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Times as they stand in lines, made once a second. Owned by the writer's thread.
 */
final class Timestamps {

	private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);

	private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);

	private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxx", Locale.ROOT);

	private final ZoneId zone;

	private long second = Long.MIN_VALUE;

	private byte[] local = new byte[0];

	private byte[] isoSecond = new byte[0];

	private byte[] isoOffset = new byte[0];

	Timestamps(ZoneId zone) {
		this.zone = zone;
	}

	private void moveTo(long millis) {
		long second = Math.floorDiv(millis, 1000);
		if (second != this.second) {
			ZonedDateTime time = Instant.ofEpochSecond(second).atZone(this.zone);
			this.local = time.format(LOCAL).getBytes(StandardCharsets.US_ASCII);
			this.isoSecond = time.format(SECOND).getBytes(StandardCharsets.US_ASCII);
			this.isoOffset = time.format(OFFSET).getBytes(StandardCharsets.US_ASCII);
			this.second = second;
		}
	}

	/**
	 * Appends a time as NCSA servers do: {@code 24/Nov/2026:10:15:30 +0100}.
	 * @param line takes it
	 * @param millis the time
	 * @return true
	 */
	boolean local(LineBuffer line, long millis) {
		moveTo(millis);
		return line.plain(this.local);
	}

	/**
	 * Appends a time as in ISO 8601: {@code 2026-11-24T10:15:30.123+01:00}.
	 * @param line takes it
	 * @param millis the time
	 * @return true
	 */
	boolean iso(LineBuffer line, long millis) {
		moveTo(millis);
		line.quote();
		line.raw(this.isoSecond);
		line.raw('.');
		line.digits(Math.floorMod(millis, 1000), 100);
		line.raw(this.isoOffset);
		line.quote();
		return true;
	}

}
