package dev.pingora.protocol.h1;

import java.util.Arrays;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Looks for a connection's octets of which the reader of pipelined requests makes other
 * requests than are there one after the other. The first octet says into how large pieces
 * the others are cut.
 */
class RequestStreamFuzz {

	@DictionaryFile(resourcePath = "http.dict")
	@FuzzTest
	void stream(byte[] octets) {
		if (octets.length > 0) {
			byte[] stream = Arrays.copyOfRange(octets, 1, octets.length);
			assertThat(StreamReading.of(stream, 1 + (octets[0] & 0xff))).isEqualTo(StreamReading.oneByOne(stream));
		}
	}

}
