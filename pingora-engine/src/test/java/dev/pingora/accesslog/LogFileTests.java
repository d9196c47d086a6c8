package dev.pingora.accesslog;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pingora.error.ErrorType;
import dev.pingora.error.ProxyException;
import dev.pingora.event.RejectedRequest;
import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;
import dev.pingora.panic.PanicTotals;
import dev.pingora.testkit.Await;
import dev.pingora.testkit.EngineExtension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of lines when files are moved, disks are full and pipes are stuck. A line
 * is a number here: the client's port.
 */
@ExtendWith(EngineExtension.class)
class LogFileTests {

	private static final ProxyException ERROR = ProxyException.downstream(ErrorType.INVALID_HTTP_HEADER, "a test");

	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.class);

	private final ListAppender<ILoggingEvent> said = new ListAppender<>();

	@TempDir
	private Path directory;

	private @Nullable AccessLog log;

	@BeforeEach
	void listen() {
		this.said.start();
		this.logger.addAppender(this.said);
		this.logger.setAdditive(false);
		this.logger.setLevel(Level.INFO);
	}

	@AfterEach
	void close() {
		if (this.log != null) {
			this.log.close();
		}
		this.isolation.close();
		this.logger.detachAppender(this.said);
		this.logger.setAdditive(true);
		this.logger.setLevel(null);
	}

	private Path path() {
		return this.directory.resolve("access.log");
	}

	private AccessLog open(String pattern, int queueCapacity) {
		AccessLogOptions options = AccessLogOptions.defaults()
			.withFormat(AccessLogFormat.pattern(pattern))
			.withPath(path())
			.withQueueCapacity(queueCapacity)
			.withCloseTimeout(Duration.ofMillis(300));
		this.log = AccessLog.open(options, this.isolation);
		return this.log;
	}

	private AccessLog open() {
		return open("$remote_port", 1024);
	}

	private static void write(AccessLog log, int number) {
		log.requestRejected(new RejectedRequest("HTTP/1.1",
				new InetSocketAddress(InetAddress.getLoopbackAddress(), number), ERROR));
	}

	private static void write(AccessLog log, int from, int to) {
		IntStream.range(from, to).forEach((number) -> write(log, number));
	}

	private static List<String> numbers(int from, int to) {
		return IntStream.range(from, to).mapToObj(Integer::toString).toList();
	}

	private static List<String> lines(Path path) {
		try {
			return Files.exists(path) ? Files.readAllLines(path) : List.of();
		}
		catch (IOException failure) {
			throw new IllegalStateException(failure);
		}
	}

	private static void awaitWritten(AccessLog log, long count) {
		Await.until(Await.PATIENCE, () -> count + " lines, not " + log.written() + " and dropped " + log.dropped(),
				() -> log.written() >= count);
	}

	private List<String> said(Level level) {
		return List.copyOf(this.said.list)
			.stream()
			.filter((event) -> event.getLevel() == level)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	@Test
	void whatWasThereStays() throws IOException {
		Files.writeString(path(), "before\n");
		AccessLog log = open();
		write(log, 1);
		log.close();
		assertThat(lines(path())).containsExactly("before", "1");
	}

	@Test
	void closeWritesWhatWaits() {
		AccessLog log = open("$remote_port", 8192);
		write(log, 1, 8001);
		log.close();
		assertThat(lines(path())).isEqualTo(numbers(1, 8001));
		assertThat(log.written()).isEqualTo(8000);
		assertThat(log.dropped()).isZero();
	}

	@Test
	void lineIsThereSoonWithoutMoreToCome() {
		AccessLog log = open();
		write(log, 1);
		Await.until(Duration.ofSeconds(5), () -> "the line", () -> lines(path()).equals(List.of("1")));
	}

	@Test
	void lineAfterTheCloseIsCountedAsDropped() {
		AccessLog log = open();
		log.close();
		write(log, 1);
		assertThat(log.dropped()).isEqualTo(1);
		assertThat(lines(path())).isEmpty();
	}

	@Test
	void missingDirectoriesAreMade() {
		Path deep = this.directory.resolve("a/b/access.log");
		AccessLog.open(AccessLogOptions.defaults().withPath(deep), this.isolation).close();
		assertThat(deep).isEmptyFile();
	}

	@Test
	void directoryThatIsALinkIsNoObstacle() throws IOException {
		Files.createDirectory(this.directory.resolve("real"));
		Path link = Files.createSymbolicLink(this.directory.resolve("link"), this.directory.resolve("real"));
		AccessLog.open(AccessLogOptions.defaults().withPath(link.resolve("access.log")), this.isolation).close();
		assertThat(this.directory.resolve("real/access.log")).isEmptyFile();
	}

	@Test
	void pathThatCannotBeOpenedIsRefusedAtTheStart() throws IOException {
		Path file = Files.createFile(this.directory.resolve("file"));
		for (Path path : List.of(this.directory, file.resolve("access.log"))) {
			assertThatExceptionOfType(AccessLogOpenException.class)
				.isThrownBy(() -> AccessLog.open(AccessLogOptions.defaults().withPath(path), this.isolation))
				.withMessageStartingWith("access log " + path + " could not be opened: ")
				.satisfies((refused) -> assertThat(refused.path()).isEqualTo(path.toString()));
		}
		assertThat(this.isolation.supervisions()).isEmpty();
	}

	@Test
	void movedFileIsLeftForANewOne() throws IOException {
		AccessLog log = open();
		write(log, 1, 101);
		awaitWritten(log, 100);
		Path moved = Files.move(path(), this.directory.resolve("access.log.1"));
		write(log, 101, 201);
		awaitWritten(log, 200);
		Await.until("the new file", () -> Files.exists(path()));
		write(log, 201, 301);
		log.close();
		List<String> all = new ArrayList<>(lines(moved));
		all.addAll(lines(path()));
		assertThat(all).isEqualTo(numbers(1, 301));
		assertThat(lines(path())).contains("300").doesNotContain("100");
	}

	@Test
	void fileThatTookItsPlaceIsAppendedTo() throws IOException {
		AccessLog log = open();
		write(log, 1);
		awaitWritten(log, 1);
		Files.move(path(), this.directory.resolve("access.log.1"));
		Path created = Files.writeString(this.directory.resolve("new"), "created by logrotate\n");
		Files.move(created, path());
		int[] number = { 1 };
		Await.until("a line in the new file", () -> {
			write(log, ++number[0]);
			return lines(path()).size() > 1;
		});
		assertThat(lines(path())).startsWith("created by logrotate");
	}

	@Test
	void deletedFileIsMadeAnew() throws IOException {
		AccessLog log = open();
		write(log, 1);
		awaitWritten(log, 1);
		Files.delete(path());
		Await.until("the new file", () -> Files.exists(path()));
		write(log, 2);
		log.close();
		assertThat(lines(path())).containsExactly("2");
	}

	@Test
	void truncatedFileBeginsAtItsStart() throws IOException {
		AccessLog log = open();
		write(log, 1);
		awaitWritten(log, 1);
		Files.copy(path(), this.directory.resolve("access.log.1"));
		FileChannel.open(path(), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING).close();
		write(log, 2);
		log.close();
		assertThat(Files.readString(path())).isEqualTo("2\n");
	}

	@Test
	void formerFileServesWhileNoNewOneCanBeOpened() throws IOException {
		AccessLog log = open();
		Path moved = Files.move(path(), this.directory.resolve("access.log.1"));
		Files.createDirectory(path());
		Await.until("a warning", () -> !said(Level.WARN).isEmpty());
		assertThat(said(Level.WARN)).singleElement()
			.asString()
			.contains("can't be opened anew", "Lines still go to the former file");
		write(log, 1);
		awaitWritten(log, 1);
		assertThat(lines(moved)).containsExactly("1");
		Files.delete(path());
		Await.until("the new file", () -> Files.isRegularFile(path()));
		write(log, 2);
		log.close();
		assertThat(lines(path())).containsExactly("2");
	}

	@Test
	void fullDiskCostsOnlyWhatDoesNotFitIntoTheQueue() throws IOException {
		Path device = Path.of("/dev/full");
		assertThat(device).exists();
		Files.createSymbolicLink(path(), device);
		AccessLog log = open("$remote_port", 16);
		write(log, 1, 11);
		Await.until("a warning", () -> !said(Level.WARN).isEmpty());
		assertThat(said(Level.WARN).get(0)).startsWith("Access log " + path() + " can't be written: ");
		write(log, 11, 61);
		assertThat(log.dropped()).isBetween(1L, 50L);
		Await.until("a warning of dropped lines",
				() -> said(Level.WARN).stream().anyMatch((line) -> line.contains(" lines were dropped")));
		assertThat(log.written()).isZero();
		Path link = Files.createSymbolicLink(this.directory.resolve("link"), this.directory.resolve("roomy"));
		Files.move(link, path(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
		awaitWritten(log, 60 - log.dropped());
		log.close();
		assertThat(lines(path())).hasSize(60 - (int) log.dropped()).startsWith("1", "2").doesNotHaveDuplicates();
		assertThat(said(Level.WARN)).as("with back-off").hasSize(2);
		assertThat(said(Level.INFO)).containsExactly("The access log goes to " + path(),
				"Access log " + path() + " is written again");
	}

	@Test
	void closeDoesNotWaitForAFullDisk() throws IOException {
		Files.createSymbolicLink(path(), Path.of("/dev/full"));
		AccessLog log = open();
		write(log, 0, 10);
		log.close();
		assertThat(log.written()).isZero();
		assertThat(log.dropped()).isEqualTo(10);
		assertThat(said(Level.WARN)).last().asString().endsWith("10 lines were not written before the end");
	}

	@Test
	@Timeout(30) // nobody reads the pipe: without its bound the close would not end
	void stuckPipeCostsLinesAndNoTime() throws Exception {
		assertThat(new ProcessBuilder("mkfifo", path().toString()).start().waitFor()).isZero();
		try (FileChannel both = FileChannel.open(path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
				InputStream pipe = new FileInputStream(path().toFile())) {
			assertThat(both.isOpen()).isTrue();
			AccessLog log = open("$remote_port " + "x".repeat(1000), 64);
			long sent = stick(log, pipe);
			// The caller never waits, or this would not end.
			while (log.dropped() < 1000) {
				write(log, 1);
				sent++;
			}
			long waiting = sent;
			Await.until("all is read", () -> {
				drain(pipe);
				return log.written() + log.dropped() == waiting;
			});
			sent += stick(log, pipe);
			long start = System.nanoTime();
			log.close();
			assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isGreaterThanOrEqualTo(300L);
			assertThat(log.written() + log.dropped()).as("all are accounted for").isEqualTo(sent);
			assertThat(said(Level.WARN)).last().asString().contains("lines were not written before the end");
		}
	}

	// The pipe has room for 64 KiB, and as much waits in the queue: so the writer is
	// stuck.
	private static long stick(AccessLog log, InputStream pipe) {
		long sent = writeUntil(log, () -> available(pipe) >= 60_000);
		long before = log.dropped();
		return sent + writeUntil(log, () -> log.dropped() > before);
	}

	private static long writeUntil(AccessLog log, BooleanSupplier enough) {
		long[] sent = { 0 };
		Await.until("enough lines", () -> {
			for (int i = 0; i < 100 && !enough.getAsBoolean(); i++) {
				write(log, 1);
				sent[0]++;
			}
			return enough.getAsBoolean();
		});
		return sent[0];
	}

	private static int available(InputStream pipe) {
		try {
			return pipe.available();
		}
		catch (IOException failure) {
			throw new IllegalStateException(failure);
		}
	}

	private static void drain(InputStream pipe) {
		try {
			byte[] some = new byte[64 * 1024];
			while (pipe.available() > 0) {
				assertThat(pipe.read(some)).isPositive();
			}
		}
		catch (IOException failure) {
			throw new IllegalStateException(failure);
		}
	}

	@Test
	void panicCostsItsOwnLineAndIsCounted() {
		AccessLog log = open("before $remote_addr", 1024);
		SocketAddress hostile = new SocketAddress() {

			@Override
			public String toString() {
				throw new IllegalStateException("a mistake");
			}

		};
		write(log, 1);
		log.requestRejected(new RejectedRequest("HTTP/1.1", hostile, ERROR));
		write(log, 2);
		log.close();
		assertThat(lines(path())).containsExactly("before 127.0.0.1", "before 127.0.0.1");
		assertThat(log.dropped()).isEqualTo(1);
		assertThat(this.isolation.totals()
			.total(new PanicTotals.Key(PanicSite.BACKGROUND, "access-log", PanicTotals.NONE))).isEqualTo(1);
	}

	@Test
	void healthSeesTheWriterAsASupervisedTask() {
		AccessLog log = open();
		assertThat(this.isolation.supervisions()).singleElement()
			.satisfies((writer) -> assertThat(writer.name()).isEqualTo("access-log"));
		log.close();
		assertThat(this.isolation.supervisions()).isEmpty();
	}

}
