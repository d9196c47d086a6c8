package dev.pingora.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;

import dev.pingora.server.ProxyServer;
import dev.pingora.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page in a browser: Chromium, without a window, driven by chromedriver; both must be
 * on the path. With {@code -Ddemo.screenshot=../docs/images/demo.png} the picture of the
 * documentation is taken anew, which needs two minutes of traffic.
 */
class DemoPageBrowserTests {

	private static final String PICTURE = "demo.screenshot";

	private static ConfigurableApplicationContext context;

	private static ChromeDriver browser;

	@BeforeAll
	static void start() {
		File driver = onPath("chromedriver");
		File chromium = onPath("chromium", "chromium-browser", "google-chrome");
		context = SpringApplication.run(DemoApplication.class, "--pingora.listeners[0].port=0",
				"--pingora.listeners[0].address=127.0.0.1", "--management.server.port=0");
		ChromeOptions options = new ChromeOptions();
		options.setBinary(chromium);
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
				"--window-size=1400,900", "--hide-scrollbars");
		LoggingPreferences logs = new LoggingPreferences();
		logs.enable(LogType.BROWSER, Level.ALL);
		options.setCapability("goog:loggingPrefs", logs);
		browser = new ChromeDriver(new ChromeDriverService.Builder().usingDriverExecutable(driver).build(), options);
		resize(1400, 900);
	}

	@AfterAll
	@Timeout(300)
	static void stop() throws IOException {
		if (browser != null && System.getProperty(PICTURE) != null) {
			takePicture(System.getProperty(PICTURE));
		}
		if (browser != null) {
			browser.quit();
		}
		if (context != null) {
			context.close();
		}
	}

	private static File onPath(String... names) {
		for (String name : names) {
			for (String folder : String.valueOf(System.getenv("PATH")).split(File.pathSeparator)) {
				File file = new File(folder, name);
				if (file.canExecute()) {
					return file;
				}
			}
		}
		throw new AssertionError("PATH: no " + List.of(names)
				+ " (expected: Chromium and its driver, on Debian the packages chromium and chromium-driver)");
	}

	@AfterEach
	void consoleIsClean() {
		List<String> console = browser.manage()
			.logs()
			.get(LogType.BROWSER)
			.getAll()
			.stream()
			.map(LogEntry::toString)
			.toList();
		assertThat(console).isEmpty();
	}

	private static void open(String scheme) {
		browser.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
		int port = context.getBean(ProxyServer.class).port("http");
		browser.get("http://127.0.0.1:" + port + "/");
		Await.until("the page is live", () -> text("connection").equals("live"));
	}

	private static WebElement byId(String id) {
		return browser.findElement(By.id(id));
	}

	private static String text(String id) {
		return byId(id).getText();
	}

	private static int number(String id) {
		String text = text(id).replace(",", "");
		return text.matches("\\d+") ? Integer.parseInt(text) : -1;
	}

	private static void choose(String id, String value) {
		byId(id).findElement(By.cssSelector("option[value='" + value + "']")).click();
	}

	@Test
	void numbersAreLive() {
		open("light");
		int before = number("ok");
		Await.until("the bystanders' requests go up", () -> number("ok") > before + 10);
		Await.until("the rate is there", () -> number("rate") > 10);
		assertThat(browser.findElements(By.cssSelector("#chart-rate path.line"))).isNotEmpty();
		assertThat(browser.findElements(By.cssSelector("#chart-latency path.line"))).hasSize(3);
		assertThat(number("errors")).isZero();
	}

	@Test
	void firedPanicIsSeenWhileNobodyElseNotices() {
		open("light");
		choose("phase", "responseFilter");
		choose("kind", "StackOverflowError");
		byId("fire").click();
		Await.until("the client's view", () -> text("result").contains("connection reset"));
		String entry = "panic-" + text("result").replaceAll("(?s).*panic #(\\d+).*", "$1");
		Await.until(Duration.ofSeconds(2), () -> "the panic is listed: " + text("list"),
				() -> !browser.findElements(By.id(entry)).isEmpty());
		assertThat(text(entry)).contains("responseFilter", "StackOverflowError", "faults on hello");
		byId(entry).findElement(By.tagName("summary")).click();
		Await.until("the stack is unfolded", () -> text(entry).contains("at dev.pingora.demo.fault.FaultFilter"));
		int before = number("ok");
		Await.until("the bystanders go on", () -> number("ok") > before);
		assertThat(number("errors")).isZero();
		Await.until("the charts show it", () -> !browser.findElements(By.cssSelector("#chart-panics .bar")).isEmpty()
				&& !browser.findElements(By.cssSelector("#chart-rate .mark")).isEmpty());
	}

	@Test
	void stormIsSeenWhileNobodyElseNotices() {
		open("light");
		int before = number("panics");
		byId("storm").click();
		Await.until("the clients' view", () -> text("result").contains("50 requests at once, 50 panics"));
		Await.until("all are counted", () -> number("panics") >= before + 50);
		assertThat(number("errors")).isZero();
	}

	private static void takePicture(String path) throws IOException {
		resize(1400, 940);
		open("light");
		for (int points : new int[] { 60, 80, 100 }) {
			awaitPoints(points);
			choose("phase", (points == 80) ? "responseBodyFilter" : "requestFilter");
			choose("kind", (points == 80) ? "StackOverflowError" : "IllegalStateException");
			byId((points == 60) ? "storm" : "fire").click();
		}
		awaitPoints(118);
		save(path);
	}

	private static void awaitPoints(int points) {
		String read = "return fetch('/demo/state').then(it => it.json()).then(state => state.seconds.length)";
		Await.until(Duration.ofSeconds(130), () -> points + " seconds of history",
				() -> ((Number) browser.executeScript(read)).intValue() >= points);
	}

	private static void resize(int width, int height) {
		browser.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
	}

	@ParameterizedTest
	@CsvSource({ "light,1400", "dark,1400", "light,390", "dark,820" })
	void pageFitsItsWindow(String scheme, int width) throws IOException {
		resize(width, 900);
		open(scheme);
		Await.until("the rate is there", () -> number("rate") > 0);
		assertThat(browser.executeScript("return document.documentElement.scrollWidth")).isEqualTo((long) width);
		assertThat(browser.executeScript("return getComputedStyle(document.body).backgroundColor"))
			.isEqualTo(scheme.equals("dark") ? "rgb(14, 20, 27)" : "rgb(244, 246, 248)");
		save("target/demo-" + scheme + "-" + width + ".png");
	}

	private static void save(String path) throws IOException {
		Files.write(Path.of(path), browser.getScreenshotAs(OutputType.BYTES));
	}

}
