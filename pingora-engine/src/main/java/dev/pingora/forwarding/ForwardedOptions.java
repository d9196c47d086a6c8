package dev.pingora.forwarding;

import java.util.List;

import dev.pingora.http.Ascii;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the fields in which proxies tell of the client. Immutable; made by
 * {@link #builder()}.
 *
 * @param mode what happens to the fields
 * @param style which fields are read and written
 * @param trustedProxies whose fields are believed
 * @param via the pseudonym of this proxy in {@code Via}, a token (RFC 9110 section
 * 7.6.3), or {@code null} if {@code Via} is left alone
 */
public record ForwardedOptions(Mode mode, Style style, TrustedProxies trustedProxies, @Nullable String via) {

	private static final int MAX_PSEUDONYM = 255;

	/**
	 * What happens to the fields on their way upstream.
	 */
	public enum Mode {

		/**
		 * What a trusted proxy has sent is kept and the address of the connection's other
		 * end appended; what anybody else has sent is dropped, and new fields are begun.
		 */
		APPEND,

		/** What was sent is dropped, and new fields are begun. */
		REPLACE,

		/** What was sent is dropped. */
		STRIP,

		/**
		 * The fields go upstream as they came: only behind something that cleans them.
		 */
		OFF

	}

	/**
	 * Which fields are read and written. Those of the other style are dropped.
	 */
	public enum Style {

		/** {@code X-Forwarded-For}, {@code -Proto}, {@code -Host} and {@code -Port}. */
		X_FORWARDED,

		/** {@code Forwarded}, RFC 7239. */
		FORWARDED,

		/** Both; the client's address is read from {@code X-Forwarded-For} first. */
		BOTH;

		boolean hasXForwarded() {
			return this != FORWARDED;
		}

		boolean hasForwarded() {
			return this != X_FORWARDED;
		}

	}

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if the pseudonym is no token
	 */
	public ForwardedOptions {
		if (via != null && !isPseudonym(via)) {
			throw new IllegalArgumentException(
					"via: '" + Ascii.printable(via) + "' (expected: a token of 1 to " + MAX_PSEUDONYM + " characters)");
		}
	}

	/**
	 * Returns whether text may be the pseudonym in {@code Via}.
	 * @param text the text
	 * @return whether it is a token (RFC 9110 section 5.6.2) of 1 to 255 characters
	 */
	public static boolean isPseudonym(String text) {
		return !text.isEmpty() && text.length() <= MAX_PSEUDONYM
				&& text.chars().allMatch((c) -> c < 0x80 && Ascii.isTokenChar(c));
	}

	/**
	 * Returns the defaults: {@code X-Forwarded-*} are appended to, nobody is trusted, and
	 * {@code Via} is left alone.
	 * @return the defaults
	 */
	public static ForwardedOptions defaults() {
		return builder().build();
	}

	/**
	 * Leaves everything as it came.
	 * @return options with {@link Mode#OFF}
	 */
	public static ForwardedOptions off() {
		return builder().mode(Mode.OFF).build();
	}

	/**
	 * Starts with the defaults.
	 * @return a builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Makes options.
	 */
	public static final class Builder {

		private Mode mode = Mode.APPEND;

		private Style style = Style.X_FORWARDED;

		private TrustedProxies trustedProxies = TrustedProxies.none();

		private @Nullable String via;

		private Builder() {
		}

		/**
		 * Sets what happens to the fields.
		 * @param mode the mode
		 * @return this
		 */
		public Builder mode(Mode mode) {
			this.mode = mode;
			return this;
		}

		/**
		 * Sets which fields are read and written.
		 * @param style the style
		 * @return this
		 */
		public Builder style(Style style) {
			this.style = style;
			return this;
		}

		/**
		 * Sets whose fields are believed.
		 * @param proxies addresses, CIDRs such as {@code 10.0.0.0/8}, or {@code unix}
		 * @return this
		 * @throws IllegalArgumentException if one is none of these
		 */
		public Builder trustedProxies(String... proxies) {
			this.trustedProxies = TrustedProxies.of(List.of(proxies));
			return this;
		}

		/**
		 * Sets whose fields are believed.
		 * @param proxies the proxies
		 * @return this
		 */
		public Builder trustedProxies(TrustedProxies proxies) {
			this.trustedProxies = proxies;
			return this;
		}

		/**
		 * Makes the proxy show itself in {@code Via}, and refuse requests in which it
		 * finds itself there already.
		 * @param pseudonym its name, a token that no other proxy on the way has, or
		 * {@code null} for none
		 * @return this
		 */
		public Builder via(@Nullable String pseudonym) {
			this.via = pseudonym;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if the pseudonym is no token
		 */
		public ForwardedOptions build() {
			return new ForwardedOptions(this.mode, this.style, this.trustedProxies, this.via);
		}

	}

}
