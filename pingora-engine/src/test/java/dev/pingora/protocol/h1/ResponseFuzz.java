package dev.pingora.protocol.h1;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Looks for octets that are read as a response in two ways; {@link ReadingRules} say
 * which.
 */
class ResponseFuzz {

	@DictionaryFile(resourcePath = "http.dict")
	@FuzzTest
	void response(byte[] octets) {
		ReadingRules.check(H1HeadParser.Kind.RESPONSE, octets);
	}

}
