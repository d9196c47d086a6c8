package dev.pingora.accesslog;

import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * The access log's file could not be opened at the start.
 */
public final class AccessLogOpenException extends UncheckedIOException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String path;

	AccessLogOpenException(Path path, IOException cause) {
		super("access log " + path + " could not be opened: " + cause, cause);
		this.path = path.toString();
	}

	/**
	 * Returns the file.
	 * @return its path, as it was configured
	 */
	public String path() {
		return this.path;
	}

}
