package dev.pingora.accesslog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

import dev.pingora.panic.PanicIsolation;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lines that a failure cuts in two.
 */
class LineWriterTests {

	@AutoClose
	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final Queue<Entry> queue = new ArrayDeque<>();

	private final Disk disk = new Disk();

	private final LineWriter writer = new LineWriter(this.queue,
			new Capture(AccessLogFormat.pattern("$remote_port"), AccessLogOptions.Query.KEEP),
			AccessLogFormat.pattern("$remote_port"), this.disk, this.isolation);

	/** A disk with room for some octets; what is written to it can be looked at. */
	static final class Disk implements Sink {

		private final ByteArrayOutputStream file = new ByteArrayOutputStream();

		private int room;

		private boolean moved;

		@Override
		public int write(byte[] octets, int from, int to) throws IOException {
			int count = Math.min(this.room, to - from);
			if (count == 0) {
				throw new IOException("No space left on device");
			}
			this.file.write(octets, from, count);
			this.room -= count;
			return count;
		}

		@Override
		public boolean renew() {
			boolean renewed = this.moved;
			this.moved = false;
			return renewed;
		}

		@Override
		public void close() {
			this.room = 0;
		}

		String written() {
			String text = this.file.toString(StandardCharsets.US_ASCII);
			this.file.reset();
			return text;
		}

	}

	private void add(int... numbers) {
		for (int number : numbers) {
			this.queue.add(new Entry(0, "HTTP/1.1", new InetSocketAddress(InetAddress.getLoopbackAddress(), number)));
		}
	}

	@Test
	void cutLineIsCompletedWhenThereIsRoomAgain() {
		add(1111, 2222, 3333);
		this.disk.room = 7;
		this.writer.run();
		assertThat(this.disk.written()).isEqualTo("1111\n22");
		assertThat(this.writer.written()).isEqualTo(1);
		add(4444);
		this.disk.room = 1000;
		this.writer.finish();
		assertThat(this.disk.written()).isEqualTo("22\n3333\n4444\n");
		assertThat(this.writer.written()).isEqualTo(4);
		assertThat(this.writer.dropped()).isZero();
	}

	@Test
	void cutBetweenTwoLinesLosesNothing() {
		add(1111, 2222);
		this.disk.room = 5;
		this.writer.run();
		assertThat(this.disk.written()).isEqualTo("1111\n");
		this.disk.room = 1000;
		this.writer.finish();
		assertThat(this.disk.written()).isEqualTo("2222\n");
		assertThat(this.writer.written()).isEqualTo(2);
	}

	@Test
	void failedDiskIsLeftAloneForASecond() {
		add(1111);
		this.writer.run();
		this.disk.room = 1000;
		this.writer.run();
		assertThat(this.disk.written()).isEmpty();
		this.writer.finish();
		assertThat(this.disk.written()).isEqualTo("1111\n");
	}

	@Test
	void cutLineStandsWholeInTheNextFile() {
		add(1111, 2222, 3333);
		this.disk.room = 7;
		this.writer.run();
		assertThat(this.disk.written()).isEqualTo("1111\n22");
		this.disk.moved = true;
		this.disk.room = 1000;
		this.writer.renew(System.nanoTime());
		this.writer.run();
		assertThat(this.disk.written()).isEqualTo("2222\n3333\n");
		assertThat(this.writer.written()).isEqualTo(3);
	}

	@Test
	void whatCouldNotBeWrittenIsCountedAtTheEnd() {
		add(1111, 2222, 3333);
		this.disk.room = 7;
		this.writer.run();
		add(4444);
		this.disk.room = 0;
		this.writer.finish();
		assertThat(this.writer.written()).isEqualTo(1);
		assertThat(this.writer.dropped()).isEqualTo(3);
	}

	@Test
	void complaintsBecomeRarerAndRecover() {
		Complaint complaint = new Complaint();
		long second = 1_000_000_000L;
		assertThat(complaint.isDue(0)).isTrue();
		assertThat(complaint.isDue(9 * second)).isFalse();
		assertThat(complaint.isDue(10 * second)).isTrue();
		assertThat(complaint.isDue(29 * second)).isFalse();
		assertThat(complaint.isDue(30 * second)).isTrue();
		assertThat(complaint.isDue(200 * second)).as("long after").isTrue();
		assertThat(complaint.isDue(210 * second)).as("as at the start").isTrue();
		complaint.reset();
		assertThat(complaint.isDue(211 * second)).isTrue();
	}

}
