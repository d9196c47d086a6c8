package dev.pingora.accesslog;

/**
 * Writes one value of a line.
 */
@FunctionalInterface
interface Value {

	/**
	 * Appends the value.
	 * @param line takes it
	 * @param entry what the line is made of
	 * @return whether there was a value; if not, nothing was appended
	 */
	boolean write(LineBuffer line, Entry entry);

}
