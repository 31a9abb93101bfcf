// The yardstick for start-up: a C program that links the libraries davit uses and prints the versions.
#include <archive.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdio.h>

int main(void) {
  printf("%s\n%s\n%s\n", curl_version(), archive_version_string(), OpenSSL_version(OPENSSL_VERSION));
  return 0;
}
