package dev.pingora.accesslog;

import java.io.IOException;
import java.time.ZoneId;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

import dev.pingora.panic.PanicIsolation;
import dev.pingora.panic.PanicSite;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what the event loops have read, makes lines of it and writes them, many at once.
 * What can't be written waits here and in the queue; where a line was cut by a failure,
 * it is completed when writing works again. Owned by the writer's thread, but for its
 * counters.
 */
final class LineWriter {

	private static final Logger logger = LoggerFactory.getLogger(AccessLog.class);

	private static final PanicSite SITE = PanicSite.of(PanicSite.BACKGROUND, AccessLog.NAME);

	private static final int BATCH = 64 * 1024;

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final Queue<Entry> queue;

	private final Capture capture;

	private final AccessLogFormat format;

	private final Sink sink;

	private final LineBuffer buffer;

	private final PanicIsolation isolation;

	private final Consumer<Entry> maker = this::make;

	private final Complaint failures = new Complaint();

	private final Complaint drops = new Complaint();

	private int lines; // in the buffer

	// Octets of the buffer that the sink has; less than a line between two runs.
	private int taken;

	private boolean failing;

	private long failedAt;

	private long renewedAt = System.nanoTime();

	private long toldDropped;

	// Read by any thread.

	private final LongAdder written = new LongAdder();

	private final LongAdder dropped = new LongAdder();

	LineWriter(Queue<Entry> queue, Capture capture, AccessLogFormat format, Sink sink, PanicIsolation isolation) {
		this.isolation = isolation;
		this.queue = queue;
		this.capture = capture;
		this.format = format;
		this.sink = sink;
		this.buffer = new LineBuffer(format.isJson(), new Timestamps(ZoneId.systemDefault()));
	}

	/**
	 * Writes what waits.
	 */
	void run() {
		boolean more;
		do { // the checks are made even if lines never end
			long now = System.nanoTime();
			if (now - this.renewedAt >= SECOND) {
				this.renewedAt = now;
				renew(now);
			}
			more = (!this.failing || now - this.failedAt >= SECOND) && drainBatch();
			tellDropped(now);
		}
		while (more);
	}

	private void tellDropped(long now) {
		long dropped = this.dropped.sum();
		if (dropped > this.toldDropped && this.drops.isDue(now)) {
			logger.warn("Access log {}: {} lines were dropped ({} since the start): they came faster than they are"
					+ " written", this.sink, dropped - this.toldDropped, dropped);
			this.toldDropped = dropped;
		}
	}

	/**
	 * Writes what waits, and closes.
	 */
	void finish() {
		try {
			boolean more;
			do {
				more = drainBatch();
			}
			while (more);
		}
		finally {
			close();
		}
	}

	/**
	 * Closes without writing; what waits is counted as dropped.
	 */
	void close() {
		int unwritten = this.lines;
		this.lines = 0;
		while (this.queue.poll() != null) {
			unwritten++;
		}
		if (unwritten > 0) {
			this.dropped.add(unwritten);
			logger.warn("Access log {}: {} lines were not written before the end", this.sink, unwritten);
		}
		try {
			this.sink.close();
		}
		catch (IOException failure) {
			logger.warn("Access log {} could not be closed: {}", this.sink, failure.toString());
		}
	}

	private boolean drainBatch() {
		boolean more = fill();
		write();
		return more && !this.failing;
	}

	private boolean fill() {
		while (this.buffer.size() < BATCH) {
			Entry entry = this.queue.poll();
			if (entry == null) {
				return false;
			}
			append(entry);
		}
		return true;
	}

	// A panic costs this line and no other.
	private void append(Entry entry) {
		int start = this.buffer.size();
		if (this.isolation.observe(SITE, entry, this.maker) != null) {
			this.buffer.truncate(start);
			this.dropped.increment();
		}
	}

	private void make(Entry entry) {
		this.capture.strip(entry);
		this.format.write(this.buffer, entry);
		this.lines++;
	}

	private void write() {
		try {
			while (this.taken < this.buffer.size()) {
				this.taken += this.sink.write(this.buffer.bytes(), this.taken, this.buffer.size());
			}
			succeeded();
		}
		catch (IOException failure) {
			failed(failure);
		}
	}

	private void succeeded() {
		this.written.add(this.lines);
		this.lines = 0;
		this.taken = 0;
		this.buffer.truncate(0);
		if (this.failing) {
			this.failing = false;
			this.failures.reset();
			logger.info("Access log {} is written again", this.sink);
		}
	}

	private void failed(IOException failure) {
		int start = this.buffer.lineStart(this.taken);
		int whole = this.buffer.lines(0, start);
		this.written.add(whole);
		this.lines -= whole;
		this.buffer.discard(start);
		this.taken -= start;
		this.failing = true;
		this.failedAt = System.nanoTime();
		if (this.failures.isDue(this.failedAt)) {
			logger.warn("Access log {} can't be written: {}. Lines wait, and are dropped when the queue is full",
					this.sink, failure.toString());
		}
	}

	void renew(long now) {
		try {
			if (this.sink.renew()) {
				// A line that was cut in the former file is whole in this one.
				this.taken = 0;
				this.failedAt = now - SECOND;
				logger.debug("Access log {} was opened anew", this.sink);
			}
		}
		catch (IOException failure) {
			if (this.failures.isDue(now)) {
				logger.warn("Access log {} can't be opened anew: {}. Lines still go to the former file", this.sink,
						failure.toString());
			}
		}
	}

	/**
	 * Counts a line for which there was no room.
	 */
	void drop() {
		this.dropped.increment();
	}

	long written() {
		return this.written.sum();
	}

	long dropped() {
		return this.dropped.sum();
	}

}
