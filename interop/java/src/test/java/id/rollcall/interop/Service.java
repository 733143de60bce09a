package id.rollcall.interop;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;

/** The server under test, as the environment names it, and what the client libraries cannot ask. */
final class Service {
  static final String URL = need("ROLLCALL_SCIM_URL");
  static final String TOKEN = need("ROLLCALL_SCIM_TOKEN");

  private Service() {}

  private static String need(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalStateException(name + " is not set; it says which server to test, see README.md");
    }
    return value;
  }

  /** A name that no other test uses. */
  static String unique(String prefix) {
    return prefix + "-" + UUID.randomUUID();
  }

  /** A plain request, where the library hides what is to be seen. */
  static HttpResponse<String> get(String path, String token) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(URL + path)).header("Authorization", "Bearer " + token).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
