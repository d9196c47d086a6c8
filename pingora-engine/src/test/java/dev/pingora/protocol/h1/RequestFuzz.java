package dev.pingora.protocol.h1;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Looks for octets that are read as a request in two ways; {@link ReadingRules} say
 * which.
 */
class RequestFuzz {

	@DictionaryFile(resourcePath = "http.dict")
	@FuzzTest
	void request(byte[] octets) {
		ReadingRules.check(H1HeadParser.Kind.REQUEST, octets);
	}

}
