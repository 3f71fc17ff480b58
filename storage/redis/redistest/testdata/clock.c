/*
 * Preloaded into redis-server, this makes its time the microseconds (int64, Unix
 * time) that the file CLOCK_FILE begins with, so that a test moves it.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>

static const volatile int64_t *microseconds;

__attribute__((constructor)) static void map_clock(void)
{
	int file = open(getenv("CLOCK_FILE"), O_RDONLY);
	void *clock = mmap(NULL, sizeof *microseconds, PROT_READ, MAP_SHARED, file, 0);
	if (file < 0 || clock == MAP_FAILED)
		abort();
	microseconds = clock;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	(void)zone;
	time->tv_sec = *microseconds / 1000000;
	time->tv_usec = *microseconds % 1000000;
	return 0;
}
