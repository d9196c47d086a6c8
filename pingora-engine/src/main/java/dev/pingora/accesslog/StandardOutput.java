package dev.pingora.accesslog;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The process's standard output, which others write to as well. It is written in whole
 * lines and small pieces: up to 4 KiB a pipe takes a write as a whole, so that lines
 * don't mix with those of others (POSIX {@code PIPE_BUF}).
 */
final class StandardOutput implements Sink {

	private static final int PIECE = 4096;

	private final OutputStream output = new FileOutputStream(FileDescriptor.out);

	@Override
	public int write(byte[] octets, int from, int to) throws IOException {
		int end = Math.min(to, from + PIECE);
		if (end < to) {
			end = lineEnd(octets, from, end, to);
		}
		this.output.write(octets, from, end - from);
		return end - from;
	}

	// The last line that fits as a whole; if the first one doesn't, that alone.
	private static int lineEnd(byte[] octets, int from, int limit, int to) {
		for (int end = limit; end > from; end--) {
			if (octets[end - 1] == '\n') {
				return end;
			}
		}
		int end = limit;
		while (end < to && octets[end - 1] != '\n') {
			end++;
		}
		return end;
	}

	@Override
	public boolean renew() {
		return false;
	}

	@Override
	public void close() {
		// it belongs to the process
	}

	@Override
	public String toString() {
		return "stdout";
	}

}
