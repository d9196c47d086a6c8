package dev.pingora.transport;

/**
 * How much is read and written at once. All sizes are in octets.
 *
 * @param maxReadSize the most that is read at once; a connection's buffer begins with at
 * most 2 KiB and grows up to this with what really comes
 * @param writeBufferLow when so little waits to be written, the other side is read again
 * @param writeBufferHigh when so much waits to be written, the other side is not read any
 * more
 */
public record BufferOptions(int maxReadSize, int writeBufferLow, int writeBufferHigh) {

	/** The least and the most of a read. */
	private static final int MIN_READ = 1024;

	private static final int MAX_SIZE = 16 * 1024 * 1024;

	private static final BufferOptions DEFAULTS = new BufferOptions(Buffers.MAX_READ_SIZE, Buffers.WRITE_BUFFER_LOW,
			Buffers.WRITE_BUFFER_HIGH);

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is out of range
	 */
	public BufferOptions {
		requireRange("maxReadSize", maxReadSize, MIN_READ, MAX_SIZE);
		requireRange("writeBufferHigh", writeBufferHigh, MIN_READ, MAX_SIZE);
		requireRange("writeBufferLow", writeBufferLow, 0, writeBufferHigh);
	}

	private static void requireRange(String name, int value, int least, int most) {
		if (value < least || value > most) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
		}
	}

	/**
	 * Returns the defaults, which are those of {@link Buffers}.
	 * @return the defaults
	 */
	public static BufferOptions defaults() {
		return DEFAULTS;
	}

}
