package dev.pingora.protocol;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What pieces of bodies cost.
 */
class PieceCostTests {

	@ParameterizedTest
	@CsvSource({ "0,0", "1,512", "511,512", "512,512", "513,513", "262144,262144" })
	void pieceCostsItsOctetsButNoLessThanTheLeast(int octets, int cost) {
		assertThat(PieceCost.of(Unpooled.wrappedBuffer(new byte[octets]))).isEqualTo(cost);
	}

}
