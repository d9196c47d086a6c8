package dev.pingora.server;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

/**
 * The file of a Unix domain socket. The system makes it when the socket is bound, and
 * nobody can bind the path of one that a killed process has left behind.
 * <p>
 * The socket is bound at a name of its own beside the path, and linked to the path when
 * it has its permissions, which fails if something is there. So nobody finds it before,
 * and Netty, which at the end deletes whatever is at the name that was bound, does not
 * delete the file of a server that has come later. The file at the path is deleted only
 * if it is still this socket's. Used by one thread at a time.
 */
final class SocketFile {

	// In the order of the nine bits, the lowest first.
	private static final PosixFilePermission[] BITS = { PosixFilePermission.OTHERS_EXECUTE,
			PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.GROUP_EXECUTE,
			PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ, PosixFilePermission.OWNER_EXECUTE,
			PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ };

	private static final int RADIX = 36;

	// <sys/stat.h>
	private static final int TYPE = 0170000;

	private static final int SOCKET = 0140000;

	private static final int MOST_PROBES = 5;

	private final Path path;

	private final Path bound;

	private @Nullable Object key;

	SocketFile(String path) {
		this.path = Path.of(path);
		this.bound = free(this.path);
	}

	// Four characters: the longest path that is allowed leaves room for no more. The
	// first one begins no usual name, as a dot does, such as `.git`.
	private static Path free(Path path) {
		Path free;
		do {
			int number = ThreadLocalRandom.current().nextInt(RADIX * RADIX, RADIX * RADIX * RADIX);
			free = path.resolveSibling("~" + Integer.toString(number, RADIX));
		}
		while (Files.exists(free, LinkOption.NOFOLLOW_LINKS));
		return free;
	}

	/**
	 * Returns where the socket is to be bound.
	 * @return a path at which nothing is
	 */
	String whereToBind() {
		return this.bound.toString();
	}

	/**
	 * Deletes the file if it is a socket at which nobody listens.
	 * @throws IOException if somebody does, or it is something else, or can't be told
	 */
	void removeIfStale() throws IOException {
		if (Files.exists(this.path, LinkOption.NOFOLLOW_LINKS)) {
			refuseUnlessStale(this.path);
			takeAway();
		}
	}

	/**
	 * Takes the file away first and then deletes it, since by its name another server's
	 * may be deleted: one that has met the same leftover, and was faster.
	 * @throws IOException if it isn't one to be deleted: it is put back
	 */
	void takeAway() throws IOException {
		try {
			Files.move(this.path, this.bound);
		}
		catch (NoSuchFileException gone) { // the other one has taken it
			return;
		}
		boolean stale = false;
		try {
			refuseUnlessStale(this.bound);
			stale = true;
		}
		finally {
			if (!stale) { // never over a file that has come
				Files.createLink(this.path, this.bound);
			}
			Files.delete(this.bound);
		}
	}

	private static void refuseUnlessStale(Path path) throws IOException {
		try {
			if (!isSocket(path)) {
				throw new BindException("Address already in use by a file that is no socket");
			}
			if (isListenedAt(path)) {
				throw new BindException("Address already in use by a process that listens");
			}
		}
		catch (NoSuchFileException gone) {
			// Somebody has taken it away.
		}
	}

	private static boolean isSocket(Path path) throws IOException {
		return ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & TYPE) == SOCKET;
	}

	private static boolean isListenedAt(Path path) throws IOException {
		for (int probes = 1;; probes++) {
			try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
				probe.configureBlocking(false); // a full backlog would block
				probe.connect(UnixDomainSocketAddress.of(path));
				return true;
			}
			catch (ConnectException refused) {
				return false;
			}
			catch (SocketException ex) {
				// Taken away since it was seen, say; another one may have come already.
				if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
					return false;
				}
				if (probes == MOST_PROBES) {
					throw ex;
				}
			}
		}
	}

	/**
	 * Lets clients find the socket, which is bound.
	 * @param mode who may connect: the nine bits
	 * @throws IOException if that fails, or something is at the path by now
	 */
	void publish(int mode) throws IOException {
		try {
			permit(mode);
			this.key = key(this.bound);
			Files.createLink(this.path, this.bound);
		}
		catch (FileAlreadyExistsException late) {
			throw new BindException("Address already in use by somebody who was faster");
		}
		finally {
			Files.deleteIfExists(this.bound);
		}
	}

	private void permit(int mode) throws IOException {
		Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
		for (int bit = 0; bit < BITS.length; bit++) {
			if ((mode & 1 << bit) != 0) {
				permissions.add(BITS[bit]);
			}
		}
		Files.setPosixFilePermissions(this.bound, permissions);
	}

	private static @Nullable Object key(Path path) throws IOException {
		return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
	}

	/**
	 * Deletes the file unless it is another one's by now. To be called while the socket
	 * is open, since until then no other file can have its key.
	 * @throws IOException if that fails
	 */
	void remove() throws IOException {
		try {
			if (this.key != null && this.key.equals(key(this.path))) {
				Files.delete(this.path);
			}
		}
		catch (NoSuchFileException gone) {
			// Somebody has deleted it.
		}
	}

}
