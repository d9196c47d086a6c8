package dev.pingora.protocol.h1;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Looks for octets of a peer that are read as other responses than are there one after
 * the other; {@link ResponseStreamRules} say which. The first three octets say what was
 * asked, and where the others are cut.
 */
class ResponseStreamFuzz {

	@DictionaryFile(resourcePath = "http.dict")
	@FuzzTest
	void responses(byte[] octets) {
		if (octets.length >= Dialogue.SCRIPT) {
			ResponseStreamRules.check(Dialogue.of(octets));
		}
	}

}
