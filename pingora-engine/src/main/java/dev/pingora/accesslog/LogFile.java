package dev.pingora.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A file that is only ever appended to, and opened anew when its path no longer leads to
 * it: so it may be moved, deleted or truncated at any time.
 */
final class LogFile implements Sink {

	private final Path path;

	private FileChannel channel;

	private @Nullable Object key;

	private LogFile(Path path) throws IOException {
		this.path = path;
		this.channel = open(path);
		this.key = key(path);
	}

	/**
	 * Opens a file; makes it, and the directories above it, if they aren't there.
	 * @param path the file
	 * @return the file
	 * @throws IOException if it can't be opened to be written
	 */
	static LogFile at(Path path) throws IOException {
		return new LogFile(path);
	}

	private static FileChannel open(Path path) throws IOException {
		Path directory = path.toAbsolutePath().getParent();
		if (directory != null && !Files.isDirectory(directory)) {
			Files.createDirectories(directory);
		}
		return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
	}

	private static @Nullable Object key(Path path) {
		try {
			return readKey(path);
		}
		catch (IOException movedAlready) {
			return null; // which no file has, so that the move is noticed
		}
	}

	// On Windows no file has a key: there only a file that is gone is noticed.
	private static @Nullable Object readKey(Path path) throws IOException {
		return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
	}

	@Override
	public int write(byte[] octets, int from, int to) throws IOException {
		return this.channel.write(ByteBuffer.wrap(octets, from, to - from));
	}

	@Override
	public boolean renew() throws IOException {
		if (!isMoved()) {
			return false;
		}
		FileChannel former = this.channel;
		this.channel = open(this.path);
		this.key = key(this.path);
		former.close();
		return true;
	}

	private boolean isMoved() {
		try {
			return !Objects.equals(this.key, readKey(this.path));
		}
		catch (IOException gone) {
			return true;
		}
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

}
