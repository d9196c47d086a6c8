package dev.pingora.server;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * The file of a Unix domain socket. The system makes it when the socket is bound; Netty
 * deletes it when the socket is closed, but a process that was killed leaves it behind,
 * and then nobody can bind the path.
 */
final class SocketFile {

	// In the order of the nine bits, the lowest first.
	private static final PosixFilePermission[] BITS = { PosixFilePermission.OTHERS_EXECUTE,
			PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.GROUP_EXECUTE,
			PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ, PosixFilePermission.OWNER_EXECUTE,
			PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ };

	// <sys/stat.h>
	private static final int TYPE = 0170000;

	private static final int SOCKET = 0140000;

	private final Path path;

	SocketFile(String path) {
		this.path = Path.of(path);
	}

	String path() {
		return this.path.toString();
	}

	/**
	 * Deletes the file if it is a socket at which nobody listens.
	 * @throws IOException if somebody does, or it is something else, or can't be told
	 */
	void removeIfStale() throws IOException {
		BasicFileAttributes attributes;
		try {
			attributes = Files.readAttributes(this.path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
		}
		catch (NoSuchFileException free) {
			return;
		}
		if (!attributes.isOther() || !isSocket()) {
			throw new BindException("Address already in use by a file that is no socket");
		}
		if (isListenedAt()) {
			throw new BindException("Address already in use by a process that listens");
		}
		Files.deleteIfExists(this.path);
	}

	// FIFOs and devices are "other" files, too, and refuse to be connected.
	private boolean isSocket() throws IOException {
		return ((int) Files.getAttribute(this.path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & TYPE) == SOCKET;
	}

	private boolean isListenedAt() throws IOException {
		try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			probe.configureBlocking(false); // a full backlog would block
			probe.connect(UnixDomainSocketAddress.of(this.path));
			return true;
		}
		catch (ConnectException refused) {
			return false;
		}
	}

	/**
	 * Sets who may connect. Before, the umask decides, which on most systems lets nobody
	 * but the owner connect.
	 * @param mode the nine bits
	 * @throws IOException if that fails
	 */
	void permit(int mode) throws IOException {
		Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
		for (int bit = 0; bit < BITS.length; bit++) {
			if ((mode & 1 << bit) != 0) {
				permissions.add(BITS[bit]);
			}
		}
		Files.setPosixFilePermissions(this.path, permissions);
	}

}
