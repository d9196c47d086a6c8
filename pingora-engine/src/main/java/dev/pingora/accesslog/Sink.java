package dev.pingora.accesslog;

import java.io.Closeable;
import java.io.IOException;

/**
 * Where lines go. Owned by the writer's thread.
 */
interface Sink extends Closeable {

	/**
	 * Writes octets; may wait for as long as the system wants.
	 * @param octets where they are; whole lines, but for the first one
	 * @param from the first octet
	 * @param to the octet after the last
	 * @return how many were written, at least one
	 * @throws IOException if none could be written
	 */
	int write(byte[] octets, int from, int to) throws IOException;

	/**
	 * Follows a file that was moved or deleted.
	 * @return whether there is another file now
	 * @throws IOException if the file can't be opened; the former one is kept
	 */
	boolean renew() throws IOException;

}
