package dev.pingora.protocol.h1;

import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link H1Upgrade}.
 */
class H1UpgradeTests {

	private static final String HEAD = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

	@Test
	void fieldsAreAddedBeforeTheEmptyLine() {
		ByteBuf head = Unpooled.copiedBuffer(HEAD, StandardCharsets.US_ASCII);
		H1Upgrade.add(head, "websocket");
		assertThat(head.toString(StandardCharsets.US_ASCII))
			.isEqualTo("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
		head.release();
	}

	@Test
	void headThatCanNotGrowIsReleased() {
		// Memory runs out at any of the pieces
		for (int room = 0; room < "Connection: Upgrade\r\nUpgrade: websocket\r\n".length(); room++) {
			ByteBuf head = new CrampedMemory().buffer(HEAD.length() + room);
			head.writeCharSequence(HEAD, StandardCharsets.US_ASCII);
			assertThatExceptionOfType(OutOfMemoryError.class).as("room for %d octets", room)
				.isThrownBy(() -> H1Upgrade.add(head, "websocket"));
			assertThat(head.refCnt()).as("room for %d octets", room).isZero();
		}
	}

	@Test
	void headThatNeedNotGrowIsKept() {
		ByteBuf head = new CrampedMemory()
			.buffer(HEAD.length() + "Connection: Upgrade\r\nUpgrade: websocket\r\n".length());
		head.writeCharSequence(HEAD, StandardCharsets.US_ASCII);
		H1Upgrade.add(head, "websocket");
		assertThat(head.refCnt()).isOne();
		head.release();
	}

}
