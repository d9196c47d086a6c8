package dev.pingora.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The present time as an HTTP date (RFC 9110 section 5.6.7), formatted once a second. May
 * be used by any thread.
 */
public final class HttpDate {

	private static final DateTimeFormatter FORMAT = DateTimeFormatter
		.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
		.withZone(ZoneOffset.UTC);

	private static volatile HttpDate last = new HttpDate(0);

	private final long second;

	private final String text;

	private HttpDate(long second) {
		this.second = second;
		this.text = FORMAT.format(Instant.ofEpochSecond(second));
	}

	/**
	 * Returns the present time.
	 * @return such as {@code Sun, 06 Nov 1994 08:49:37 GMT}
	 */
	public static String now() {
		long second = System.currentTimeMillis() / 1000;
		HttpDate date = last;
		if (date.second != second) {
			date = new HttpDate(second);
			last = date;
		}
		return date.text;
	}

}
