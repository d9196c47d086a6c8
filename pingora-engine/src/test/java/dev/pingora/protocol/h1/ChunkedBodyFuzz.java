package dev.pingora.protocol.h1;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pingora.testkit.Octets;

/**
 * Looks for octets that are read as a chunked body in two ways; {@link ReadingRules} say
 * which. The head before them is always the same, so that they come to the decoder.
 */
class ChunkedBodyFuzz {

	private static final byte[] HEAD = Octets.latin1("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");

	@DictionaryFile(resourcePath = "http.dict")
	@FuzzTest
	void chunkedBody(byte[] octets) {
		byte[] message = new byte[HEAD.length + octets.length];
		System.arraycopy(HEAD, 0, message, 0, HEAD.length);
		System.arraycopy(octets, 0, message, HEAD.length, octets.length);
		ReadingRules.check(H1HeadParser.Kind.REQUEST, message);
	}

}
