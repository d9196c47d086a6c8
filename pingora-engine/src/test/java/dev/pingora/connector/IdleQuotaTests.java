package dev.pingora.connector;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import dev.pingora.connector.IdleQuota.Allowance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link IdleQuota}.
 */
class IdleQuotaTests {

	private static List<Allowance> allowances(int bound, int loops) {
		IdleQuota quota = new IdleQuota(bound, loops);
		List<Allowance> allowances = new ArrayList<>();
		for (int i = 0; i < loops; i++) {
			allowances.add(quota.allowance());
		}
		return allowances;
	}

	private static int fill(Allowance allowance, int idle) {
		int kept = idle;
		while (allowance.covers(kept + 1)) {
			kept++;
		}
		return kept;
	}

	@ParameterizedTest
	@CsvSource({ "0,1", "0,4", "1,1", "1,4", "7,3", "128,4", "1024,16", "4096,64", "3,64" })
	void boundHoldsHoweverLoopsFillAndDrain(int bound, int loops) {
		List<Allowance> allowances = allowances(bound, loops);
		int[] idle = new int[loops];
		Random random = new Random(bound * 31L + loops);
		for (int step = 0; step < 5000; step++) {
			int loop = random.nextInt(loops);
			if (random.nextInt(3) > 0 && allowances.get(loop).covers(idle[loop] + 1)) {
				idle[loop]++;
			}
			else if (idle[loop] > 0) {
				idle[loop] = random.nextInt(idle[loop]);
				allowances.get(loop).shrink(idle[loop]);
			}
			int total = 0;
			for (int each : idle) {
				total += each;
			}
			assertThat(total).isLessThanOrEqualTo(bound);
		}
	}

	@ParameterizedTest
	@CsvSource({ "1,1", "1,4", "7,3", "128,4", "1024,16" })
	void allOfItIsUsedWhenAllLoopsAreFull(int bound, int loops) {
		int total = 0;
		for (Allowance allowance : allowances(bound, loops)) {
			total += fill(allowance, 0);
		}
		assertThat(total).isEqualTo(bound);
	}

	@Test
	void greedyLoopLeavesTheOthersTheirShares() {
		List<Allowance> allowances = allowances(80, 4);
		assertThat(fill(allowances.get(0), 0)).isEqualTo(50);
		assertThat(fill(allowances.get(1), 0)).isEqualTo(10);
	}

	@Test
	void whatALoopDoesNotNeedAnyMoreOthersMayHave() {
		List<Allowance> allowances = allowances(80, 4);
		fill(allowances.get(0), 0);
		allowances.get(0).shrink(20);
		assertThat(fill(allowances.get(1), 10)).isEqualTo(40);
	}

}
